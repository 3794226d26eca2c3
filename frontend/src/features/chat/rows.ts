import type { Message } from '../../shared/api/types';
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
  const writing = new Map(turns.filter((turn) => turn.messageId !== null).map((turn) => [turn.messageId, turn]));
  const texts = new Map(messages.map((message) => [message.message_id, message]));
  let question = '';
  const rows = messages.map((message): Row => {
    if (message.role === 'user') question = message.content;
    const asked = texts.get(message.parent_id ?? '');
    return {
      key: rowKey(message.message_id),
      message,
      turn: writing.get(message.message_id) ?? null,
      question: asked?.role === 'user' ? asked.content : question,
    };
  });
  for (const turn of turns) {
    if (turn.kind === 'send' && !turn.accepted) rows.push(...provisionalRows(turn, model));
  }
  return rows;
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
