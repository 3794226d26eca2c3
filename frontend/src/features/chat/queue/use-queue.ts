import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';

import { chatQuery } from '../../../shared/api/chats';
import { queryClient } from '../../../shared/api/query-client';
import { addQueued, editQueued, queueQuery, removeQueued } from '../../../shared/api/queue';
import type { QueuedMessage } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { announce } from '../../../shared/lib/announcer';
import { newId } from '../../../shared/lib/ids';
import { takeWishes } from '../../models/choice';
import { complain } from '../complain';
import { giveBack } from '../drafts';
import { sendQueued } from '../stream/turns';

const none: readonly QueuedMessage[] = [];

function readQueue(sessionId: string): readonly QueuedMessage[] {
  return queryClient.getQueryData(queueQuery(sessionId).queryKey) ?? none;
}

function showQueue(sessionId: string, items: readonly QueuedMessage[]): void {
  const { queryKey } = queueQuery(sessionId);
  void queryClient.cancelQueries({ queryKey });
  queryClient.setQueryData(queryKey, [...items]);
}

function refresh(sessionId: string): void {
  void queryClient.invalidateQueries({ queryKey: queueQuery(sessionId).queryKey });
  void queryClient.invalidateQueries({ queryKey: chatQuery(sessionId).queryKey });
}

/** Shows a change at once; on refusal the page asks the server how it is. */
async function change(
  sessionId: string,
  items: readonly QueuedMessage[],
  act: () => Promise<unknown>,
): Promise<boolean> {
  showQueue(sessionId, items);
  try {
    await act();
    return true;
  } catch (error) {
    complain(error, text.errors.queue);
    return false;
  } finally {
    void queryClient.invalidateQueries({ queryKey: queueQuery(sessionId).queryKey });
  }
}

export async function enqueue(sessionId: string, content: string): Promise<void> {
  const item: QueuedMessage = {
    queue_id: newId(),
    session_id: sessionId,
    content,
    created_at: new Date().toISOString(),
  };
  const wishes = takeWishes(sessionId);
  const act = () => addQueued(sessionId, { queueId: item.queue_id, content, wishes });
  if (await change(sessionId, [...readQueue(sessionId), item], act)) announce(text.queue.added);
  else giveBack(sessionId, content);
}

export async function rewrite(item: QueuedMessage, content: string): Promise<boolean> {
  const items = readQueue(item.session_id).map((other) =>
    other.queue_id === item.queue_id ? { ...other, content } : other,
  );
  return change(item.session_id, items, () => editQueued(item, { content }));
}

export async function moveToFront(item: QueuedMessage): Promise<void> {
  const others = readQueue(item.session_id).filter((other) => other.queue_id !== item.queue_id);
  await change(item.session_id, [item, ...others], () => editQueued(item, { place: 1 }));
}

export async function takeOut(item: QueuedMessage): Promise<void> {
  const others = readQueue(item.session_id).filter((other) => other.queue_id !== item.queue_id);
  if (await change(item.session_id, others, () => removeQueued(item))) announce(text.queue.removed);
}

export async function sendNext(item: QueuedMessage): Promise<void> {
  const outcome = await sendQueued(item);
  if (!outcome.ok) complain(outcome.error, text.errors.send);
  refresh(item.session_id);
}

/** When a reply has ended, the server sends what waits: the page looks a few times for the turn it begins. */
const looks = [250, 1000, 3000];

/** A message that came when the reply had just ended is sent from here after this time. */
const patience = 4000;

/**
 * What waits in a chat, kept in step with the turns that the server begins by itself. `ready`: the
 * last reply is complete, so that nothing ought to wait.
 */
export function useQueue(sessionId: string | null, busy: boolean, ready: boolean): readonly QueuedMessage[] {
  const query = useQuery({ ...queueQuery(sessionId ?? ''), enabled: sessionId !== null });
  const items = query.data ?? none;
  const waits = items.length > 0;
  const look = useCallback(() => {
    if (sessionId !== null) refresh(sessionId);
  }, [sessionId]);
  useEffect(() => {
    if (busy || !waits) return undefined;
    const timers = looks.map((delay) => setTimeout(look, delay));
    return () => {
      for (const timer of timers) clearTimeout(timer);
    };
  }, [busy, waits, look]);
  const [first] = items;
  useEffect(() => {
    if (busy || !ready || first === undefined) return undefined;
    const timer = setTimeout(() => {
      // Another tab, or the server, may have been faster: then there is nothing to say.
      void sendQueued(first).then(look);
    }, patience);
    return () => {
      clearTimeout(timer);
    };
  }, [busy, ready, first, look]);
  return items;
}
