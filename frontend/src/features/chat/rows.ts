import type { Message } from '../../shared/api/types';
import { turnOf } from './stream/stream-store';
import { rowKey } from './stream/turns';
import type { Turn } from './stream/turn';

/** One message as it is shown, with the turn that is writing it. */
export interface Row {
  key: string;
  message: Message;
  turn: Turn | null;
  /** The question that this message answers, for writing it anew. */
  question: string;
}

/** The stored messages, those being written, and those that the server has not confirmed yet. */
export function rowsOf(messages: readonly Message[], turns: readonly Turn[], model: string | null): Row[] {
  const texts = new Map(messages.map((message) => [message.message_id, message]));
  let question = '';
  const rows = messages.map((message): Row => {
    if (message.role === 'user') question = message.content;
    const asked = texts.get(message.parent_id ?? '');
    return {
      key: rowKey(message.message_id),
      message,
      turn: turnOf(message, turns) ?? null,
      question: asked?.role === 'user' ? asked.content : question,
    };
  });
  for (const turn of turns) {
    if (turn.kind === 'send' && !turn.accepted) rows.push(...provisionalRows(turn, model).filter((row) => !isThere(row, turn, messages)));
  }
  return rows;
}

/** The server may tell of a new message in another way before it has answered the request that sent it. */
function isThere(row: Row, turn: Turn, messages: readonly Message[]): boolean {
  return messages.some((message) => (row.turn === null ? message.message_id === turn.userMessageId : message.parent_id === turn.userMessageId));
}

function provisionalRows(turn: Turn, model: string | null): Row[] {
  const common = { session_id: turn.sessionId, timestamp: turn.startedAt };
  const user: Message = { ...common, message_id: `${turn.key}-u`, role: 'user', content: turn.userText };
  const assistant: Message = { ...common, message_id: `${turn.key}-a`, role: 'assistant', content: '', model, status: 'streaming' };
  return [
    { key: user.message_id, message: user, turn: null, question: '' },
    { key: assistant.message_id, message: assistant, turn, question: turn.userText },
  ];
}
