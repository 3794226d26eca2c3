import { infiniteQueryOptions, queryOptions, type InfiniteData } from '@tanstack/react-query';

import { readStored, writeStored } from '../lib/storage';
import { getJson, remove } from './http';
import { queryClient } from './query-client';
import type { Config, Message, Session, SessionPage, User } from './types';

const pageSize = 40;

export const userQuery = queryOptions({
  queryKey: ['user'],
  queryFn: async ({ signal }) => (await getJson<{ user_info: User }>('/login', signal)).user_info,
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
  queryFn: async ({ signal }) => {
    const config = await getJson<Config>('/config', signal);
    writeStored('config', JSON.stringify(config));
    return config;
  },
  // What held at the last visit, so that nothing moves when the answer comes.
  placeholderData: configBefore,
  staleTime: Number.POSITIVE_INFINITY,
});

export const sessionsQuery = infiniteQueryOptions({
  queryKey: ['sessions'],
  initialPageParam: '',
  queryFn: ({ pageParam, signal }) =>
    getJson<SessionPage>('/chats', signal, {
      messages: 'none',
      limit: pageSize,
      ...(pageParam === '' ? {} : { cursor: pageParam }),
    }),
  getNextPageParam: (page: SessionPage) => page.next_cursor ?? null,
});

export function chatQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['chat', sessionId],
    queryFn: ({ signal }) => getJson<Session>(`/chats/${encodeURIComponent(sessionId)}`, signal),
  });
}

/** What the list of chats says about one of them. */
export function listedSession(sessionId: string): Session | undefined {
  const pages = queryClient.getQueryData(sessionsQuery.queryKey)?.pages ?? [];
  return pages.flatMap((page) => page.sessions).find((session) => session.sessionId === sessionId);
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
  void queryClient.cancelQueries({ queryKey });
  queryClient.setQueryData(queryKey, (chat: Session | undefined) => change(chat ?? emptyChat(sessionId)));
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

type Pages = InfiniteData<SessionPage>;

/** Puts a chat at the top of the list, as the server does when a message arrives in it. */
export function raiseSession(session: Session): void {
  queryClient.setQueryData(sessionsQuery.queryKey, (data: Pages | undefined) => {
    if (data === undefined) return undefined;
    const pages = data.pages.map((page) => withoutSession(page, session.sessionId));
    const [first, ...rest] = pages;
    if (first === undefined) return data;
    return { ...data, pages: [{ ...first, sessions: [{ ...session, messages: [] }, ...first.sessions] }, ...rest] };
  });
}

function withoutSession(page: SessionPage, sessionId: string): SessionPage {
  return { ...page, sessions: page.sessions.filter((other) => other.sessionId !== sessionId) };
}

export async function deleteChat(sessionId: string): Promise<void> {
  await remove(`/chats/${encodeURIComponent(sessionId)}`);
  queryClient.setQueryData(sessionsQuery.queryKey, (data: Pages | undefined) =>
    data === undefined ? undefined : { ...data, pages: data.pages.map((page) => withoutSession(page, sessionId)) },
  );
  queryClient.removeQueries({ queryKey: chatQuery(sessionId).queryKey });
}
