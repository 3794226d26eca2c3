import { queryOptions } from '@tanstack/react-query';

import { readStored, writeStored } from '../lib/storage';
import { getJson } from './http';
import { pathTo } from './path';
import { queryClient } from './query-client';
import type { Config, Message, Session } from './types';

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
    queryFn: ({ signal }): Promise<Session> =>
      getJson(pathTo('/chats/{session_id}', { session_id: sessionId }), signal),
  });
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
