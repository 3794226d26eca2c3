import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';

import { chatQuery } from '../../shared/api/chats';
import { getJson, postJson } from '../../shared/api/http';
import { queryClient } from '../../shared/api/query-client';
import type { Message, Rating } from '../../shared/api/types';
import type { Snippet } from './snippet';

export interface Hit {
  session_id: string;
  title: string;
  /** Null: the title is what was found. */
  message_id: string | null;
  role: 'user' | 'assistant' | null;
  rating: Rating | null;
  timestamp: string;
  archived: boolean;
  /** It hangs on a version that is not shown. */
  hidden: boolean;
  snippet: Snippet;
}

interface Page {
  results: Hit[];
  next_cursor?: string | null;
}

const pageSize = 20;

export function searchQuery(words: string) {
  return infiniteQueryOptions({
    queryKey: ['search', words],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      getJson<Page>('/search', signal, {
        q: words,
        limit: pageSize,
        ...(pageParam === '' ? {} : { cursor: pageParam }),
      }),
    getNextPageParam: (page: Page) => page.next_cursor ?? null,
    // The last results stay until the next ones are there: nothing flickers while somebody types.
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 30_000,
  });
}

interface Variant extends Message {
  variant: number;
  parent_variant?: number;
}

interface Variants {
  shown: number;
  variants: Variant[];
}

/** No chat is deeper than this; it keeps a fault from asking for ever. */
const deepest = 1000;

/**
 * Has the versions shown that lead to a message, from the first one on. False where the way to it
 * cannot be told.
 */
export async function showPath(hit: Hit): Promise<boolean> {
  const path: { id: string; variant: number }[] = [];
  let id = hit.message_id;
  let wanted: number | null = null;
  for (let depth = 0; id !== null && depth < deepest; depth += 1) {
    const place: Variants = await getJson<Variants>(`/messages/${encodeURIComponent(id)}/variants`);
    const number: number = wanted ?? place.shown;
    const found = place.variants.find((one) => one.variant === number);
    if (found === undefined) return false;
    if (found.variant !== place.shown) path.unshift({ id, variant: found.variant });
    const parent = found.parent_id ?? null;
    if (parent !== null && found.parent_variant === undefined) return false;
    id = parent;
    wanted = found.parent_variant ?? null;
  }
  for (const step of path) await postJson(`/messages/${encodeURIComponent(step.id)}/variants/${step.variant}/show`);
  await queryClient.fetchQuery({ ...chatQuery(hit.session_id), staleTime: 0 });
  return true;
}
