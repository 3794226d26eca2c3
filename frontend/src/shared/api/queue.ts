import { queryOptions } from '@tanstack/react-query';

import { getJson, patchJson, postJson, remove } from './http';
import type { QueuedMessage, Wishes } from './types';

function pathOf(sessionId: string, queueId = ''): string {
  const queue = `/chats/${encodeURIComponent(sessionId)}/queue`;
  return queueId === '' ? queue : `${queue}/${encodeURIComponent(queueId)}`;
}

export function queueQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['queue', sessionId],
    queryFn: async ({ signal }) => (await getJson<{ items: QueuedMessage[] }>(pathOf(sessionId), signal)).items,
  });
}

export interface Wish {
  queueId: string;
  content: string;
  wishes: Wishes;
}

/** The id is made by the page: sent twice, it is one message. */
export function addQueued(sessionId: string, wish: Wish): Promise<QueuedMessage> {
  return postJson(pathOf(sessionId), { queue_id: wish.queueId, content: wish.content, ...wish.wishes });
}

export function editQueued(item: QueuedMessage, change: { content?: string; place?: number }): Promise<QueuedMessage> {
  return patchJson(pathOf(item.session_id, item.queue_id), change);
}

export function removeQueued(item: QueuedMessage): Promise<void> {
  return remove(pathOf(item.session_id, item.queue_id));
}
