import { queryOptions } from '@tanstack/react-query';

import { readingPlace } from '../lib/reading-places';
import { readStored, writeStored } from '../lib/storage';
import { isApiError } from './errors';
import { getJson } from './http';
import { pathTo } from './path';
import { queryClient } from './query-client';
import type { Config, Message, MessagePage, Session } from './types';
import { moved, questionAgain, questionFor, renewed, shared, type Place, type Question } from './window';

export const userQuery = queryOptions({
  queryKey: ['user'],
  queryFn: async ({ signal }) => (await getJson('/login', signal)).user_info,
  staleTime: Number.POSITIVE_INFINITY,
});

function configBefore(): Config | undefined {
  try {
    const config = JSON.parse(readStored('config') ?? 'null') as Config | null;
    return Array.isArray(config?.suggestions) && typeof config.limits.content_bytes === 'number' ? config : undefined;
  } catch {
    return undefined;
  }
}

export const configQuery = queryOptions({
  queryKey: ['config'],
  queryFn: async ({ signal }): Promise<Config> => {
    const config = await getJson('/config', signal);
    writeStored('config', JSON.stringify(config));
    return config;
  },
  // What held at the last visit, so that nothing moves when the answer comes.
  placeholderData: configBefore,
  staleTime: Number.POSITIVE_INFINITY,
});

export function chatQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['chat', sessionId],
    queryFn: ({ signal }) => readMessages(sessionId, signal),
    structuralSharing: shared,
  });
}

/** Which messages of a chat are to be read next, where it is not those that are there. */
const wanted = new Map<string, Place>();

async function readMessages(sessionId: string, signal: AbortSignal): Promise<Session> {
  const path = pathTo('/chats/{session_id}', { session_id: sessionId });
  const chat = readChat(sessionId);
  const place = wanted.get(sessionId);
  const first = place ?? (chat === undefined ? firstPlace(sessionId) : 'end');
  const asked = place === undefined && chat !== undefined ? questionAgain(chat) : questionFor(first);
  const read: Session = await getJson(path, signal, asked).catch(async (error: unknown) => {
    if (!('around' in asked) || !isApiError(error) || error.status !== 404) throw error;
    // That message is not shown any more.
    return getJson(path, signal, questionFor('end'));
  });
  if (!signal.aborted && wanted.get(sessionId) === place) wanted.delete(sessionId);
  return place === undefined ? renewed(chat, read) : moved(chat, read);
}

/** Where somebody was reading, before the chat was forgotten here. */
function firstPlace(sessionId: string): Place {
  const place = readingPlace(sessionId);
  return place === null ? 'end' : { around: place.messageId };
}

/** So often something else may come between. */
const mostTries = 3;

/** The next request for this chat is for the messages at a place. */
export function wantMessages(sessionId: string, place: Place): void {
  wanted.set(sessionId, place);
}

/** Has the messages at a place instead of those that are there. */
export async function showMessages(sessionId: string, place: Place): Promise<void> {
  const { queryKey } = chatQuery(sessionId);
  wanted.set(sessionId, place);
  for (let tries = 0; tries < mostTries && wanted.get(sessionId) === place; tries += 1) {
    await queryClient.cancelQueries({ queryKey });
    await queryClient.fetchQuery({ ...chatQuery(sessionId), staleTime: 0 });
  }
}

/** A page of a chat's messages, which need not be among those that are there. */
export function readPage(sessionId: string, question: Question): Promise<MessagePage> {
  return getJson(pathTo('/sessions/{session_id}/messages', { session_id: sessionId }), undefined, question);
}

/** One message as it is now; null if it is not shown. */
export async function readMessage(sessionId: string, messageId: string): Promise<Message | null> {
  const page = await readPage(sessionId, { limit: 1, around: messageId });
  return page.messages.find((message) => message.message_id === messageId) ?? null;
}

export function titleOf(session: Pick<Session, 'title' | 'firstQuery'>): string {
  const title = session.title ?? '';
  return title === '' ? session.firstQuery : title;
}

export function readChat(sessionId: string): Session | undefined {
  return queryClient.getQueryData(chatQuery(sessionId).queryKey);
}

/** Changes a chat in the cache. A request under way would bring an older state: it is given up. */
export function patchChat(sessionId: string, change: (chat: Session) => Session): void {
  const { queryKey } = chatQuery(sessionId);
  const unread = readChat(sessionId) === undefined && queryClient.isFetching({ queryKey }) > 0;
  void queryClient.cancelQueries({ queryKey });
  queryClient.setQueryData(queryKey, (chat: Session | undefined) => change(chat ?? emptyChat(sessionId)));
  // What was there before is still to be read.
  if (unread) void queryClient.invalidateQueries({ queryKey });
}

export function patchMessage(sessionId: string, messageId: string, change: (message: Message) => Message): void {
  if (readChat(sessionId) === undefined) return;
  patchChat(sessionId, (chat) => ({
    ...chat,
    messages: chat.messages.map((message) => (message.message_id === messageId ? change(message) : message)),
  }));
}

export function emptyChat(sessionId: string): Session {
  const now = new Date().toISOString();
  return { sessionId, firstQuery: '', messages: [], timestamp: now, created_at: now };
}
