import { queryOptions } from '@tanstack/react-query';

import { getJson, patchJson, postJson, remove } from './http';
import { pathTo } from './path';
import type { QueuedMessage, Wishes } from './types';

function queueOf(sessionId: string) {
  return pathTo('/chats/{session_id}/queue', { session_id: sessionId });
}

function placeOf({ session_id, queue_id }: QueuedMessage) {
  return pathTo('/chats/{session_id}/queue/{queue_id}', { session_id, queue_id });
}

export function queueQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['queue', sessionId],
    queryFn: async ({ signal }): Promise<QueuedMessage[]> => (await getJson(queueOf(sessionId), signal)).items,
  });
}

export interface Wish {
  queueId: string;
  content: string;
  wishes: Wishes;
}

/** The id is made by the page: sent twice, it is one message. */
export function addQueued(sessionId: string, wish: Wish): Promise<QueuedMessage> {
  return postJson(queueOf(sessionId), { queue_id: wish.queueId, content: wish.content, ...wish.wishes });
}

export function editQueued(item: QueuedMessage, change: { content?: string; place?: number }): Promise<QueuedMessage> {
  return patchJson(placeOf(item), change);
}

export function removeQueued(item: QueuedMessage): Promise<void> {
  return remove(placeOf(item));
}
