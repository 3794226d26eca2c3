import { replaceEqualDeep } from '@tanstack/react-query';

import type { Metrics, Session } from './types';

/**
 * A chat is kept with a run of its messages, not with all of them. `before` and `after` name the
 * messages at its ends behind which there are more; null: that is the end of the chat.
 */
export const pageSize = 50;
/** So many more at an end: they are put into the page, and as many at the other end taken out, while somebody scrolls. */
export const stepSize = 20;
/** So many messages of a chat are kept at most: then the far end goes. */
export const mostKept = 250;
/** A run at the end may have grown since it was read: so many more are asked for. */
const growth = 20;

export type Place = 'start' | 'end' | { around: string };
export type Side = 'before' | 'after';

/** What is asked for: so many messages, and where. */
export interface Question {
  limit: number;
  before?: string;
  after?: string;
  around?: string;
}

/** Whether the newest message is among those that are kept. */
export function hasEnd(chat: Pick<Session, 'after'>): boolean {
  return (chat.after ?? null) === null;
}

/** What to ask with for the messages at a place. */
export function questionFor(place: Place, limit = pageSize): Question {
  if (place === 'end') return { limit };
  return place === 'start' ? { limit, after: '' } : { limit, around: place.around };
}

/** What to ask with for the messages that are kept, as they are now. */
export function questionAgain({ messages, after }: Session): Question {
  const middle = messages[Math.floor(messages.length / 2)];
  if (hasEnd({ after }) || middle === undefined)
    return questionFor('end', Math.min(mostKept, Math.max(pageSize, messages.length + growth)));
  return questionFor({ around: middle.message_id }, messages.length);
}

/** What the model was told for the newest reply, as far as is known. */
export function newestMetrics(chat: Session): Metrics | null {
  if (!hasEnd(chat)) return chat.newest ?? null;
  return chat.messages.findLast((message) => message.role === 'assistant')?.metrics ?? null;
}

/** What was read at another place, instead of what was kept. */
export function moved(old: Session | undefined, read: Session): Session {
  return old === undefined || hasEnd(read) ? read : { ...read, newest: newestMetrics(old) };
}

/** What was read anew, in the place of what was kept: it begins where that began. */
export function renewed(old: Session | undefined, read: Session): Session {
  if (old === undefined || !hasEnd(old) || !hasEnd(read)) return moved(old, read);
  const first = old.messages[0]?.message_id;
  const at = read.messages.findIndex((message) => message.message_id === first);
  return at > 0 ? { ...read, messages: read.messages.slice(at), before: first } : read;
}

/** Another head with the messages that are kept. */
export function withHead(chat: Session, head: Session): Session {
  const { messages, before, after, newest } = chat;
  return { ...chat, ...head, messages, before, after, newest };
}

/**
 * With the very objects of what has not changed, so that it is not rendered anew. Messages are
 * compared by their id: compared by their place, all would be new where some were put above.
 */
export function shared(before: unknown, now: unknown): unknown {
  if (before === undefined) return now;
  const { messages: old, ...oldHead } = before as Session;
  const { messages: read, ...readHead } = now as Session;
  const known = new Map(old.map((message) => [message.message_id, message]));
  const messages = read.map((message) => replaceEqualDeep(known.get(message.message_id), message));
  const head = replaceEqualDeep(oldHead, readHead);
  const same = messages.length === old.length && messages.every((message, index) => message === old[index]);
  return same && head === oldHead ? before : { ...head, messages: same ? old : messages };
}
