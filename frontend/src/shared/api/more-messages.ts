import { chatQuery, patchChat, readChat, readPage } from './chats';
import { queryClient } from './query-client';
import type { Message, MessagePage, Session } from './types';
import { mostKept, newestMetrics, stepSize, type Side } from './window';

/** A run with the page that was asked for at one of its ends. Unchanged if that end is elsewhere by now. */
export function extended(chat: Session, side: Side, edge: string, page: MessagePage): Session {
  if (chat[side] !== edge) return chat;
  const known = new Set(chat.messages.map((message) => message.message_id));
  const fresh = page.messages.filter((message) => !known.has(message.message_id));
  const messages = side === 'before' ? [...fresh, ...chat.messages] : [...chat.messages, ...fresh];
  return cutBack({ ...chat, messages, [side]: page[side] ?? null }, side);
}

/** Lets go of what is farthest from the side that has grown. */
function cutBack(chat: Session, grown: Side): Session {
  if (chat.messages.length <= mostKept) return chat;
  if (grown === 'before') {
    const messages = chat.messages.slice(0, mostKept);
    return { ...chat, messages, after: idAt(messages, -1), newest: newestMetrics(chat) };
  }
  const messages = chat.messages.slice(-mostKept);
  return { ...chat, messages, before: idAt(messages, 0) };
}

function idAt(messages: readonly Message[], index: number): string | null {
  return messages.at(index)?.message_id ?? null;
}

/** Has more messages at one end of those that are there. */
export async function extendMessages(sessionId: string, side: Side): Promise<void> {
  const { queryKey } = chatQuery(sessionId);
  const edge = readChat(sessionId)?.[side] ?? null;
  if (edge === null) return;
  const page = await readPage(sessionId, { limit: stepSize, [side]: edge });
  if (readChat(sessionId) === undefined) return;
  const under = queryClient.isFetching({ queryKey }) > 0;
  patchChat(sessionId, (chat) => extended(chat, side, edge, page));
  if (under) void queryClient.invalidateQueries({ queryKey });
}
