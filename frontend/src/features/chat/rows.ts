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

/**
 * The stored messages, those being written, and those that the server has not confirmed yet, where
 * the messages are the newest ones (`complete`).
 */
export function rowsOf(
  messages: readonly Message[],
  turns: readonly Turn[],
  model: string | null,
  complete = true,
): Row[] {
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
    if (turn.kind === 'edit' && !turn.accepted) cutAtEdit(rows, turn, model);
    if (complete && (turn.kind === 'send' || turn.kind === 'queued') && !turn.accepted) {
      rows.push(...provisionalRows(turn, model).filter((row) => !isThere(row, turn, messages)));
    }
  }
  return rows;
}

/** The server may tell of a new message in another way before it has answered the request that sent it. */
function isThere(row: Row, turn: Turn, messages: readonly Message[]): boolean {
  return messages.some((message) =>
    row.turn === null ? message.message_id === turn.userMessageId : message.parent_id === turn.userMessageId,
  );
}

/** A question that is asked in other words: what followed it is not shown any more. */
function cutAtEdit(rows: Row[], turn: Turn, model: string | null): void {
  const at = rows.findIndex((row) => row.message.message_id === turn.userMessageId);
  const row = rows[at];
  const [, reply] = provisionalRows(turn, model);
  if (row === undefined || reply === undefined) return;
  rows.splice(at, rows.length, { ...row, message: { ...row.message, content: turn.userText } }, reply);
}

function provisionalRows(turn: Turn, model: string | null): [Row, Row] {
  const common = { session_id: turn.sessionId, timestamp: turn.startedAt };
  const user: Message = { ...common, message_id: `${turn.key}-u`, role: 'user', content: turn.userText };
  const assistant: Message = {
    ...common,
    message_id: `${turn.key}-a`,
    role: 'assistant',
    content: '',
    model,
    status: 'streaming',
  };
  return [
    { key: user.message_id, message: user, turn: null, question: '' },
    { key: assistant.message_id, message: assistant, turn, question: turn.userText },
  ];
}
