import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';

import { showMessages } from '../../shared/api/chats';
import { getJson, postJson } from '../../shared/api/http';
import { pathTo } from '../../shared/api/path';
import type { SearchHit, SearchResults, Variants } from '../../shared/api/schema';

export type Hit = SearchHit;

const pageSize = 20;

export function searchQuery(words: string) {
  return infiniteQueryOptions({
    queryKey: ['search', words],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      getJson('/search', signal, {
        q: words,
        limit: pageSize,
        ...(pageParam === '' ? {} : { cursor: pageParam }),
      }),
    getNextPageParam: (page: SearchResults) => page.next_cursor ?? null,
    // The last results stay until the next ones are there: nothing flickers while somebody types.
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 30_000,
  });
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
    const place: Variants = await getJson(pathTo('/messages/{message_id}/variants', { message_id: id }));
    const number: number = wanted ?? place.shown;
    const found = place.variants.find((one) => one.variant === number);
    if (found === undefined) return false;
    if (found.variant !== place.shown) path.unshift({ id, variant: found.variant });
    const parent = found.parent_id ?? null;
    if (parent !== null && found.parent_variant === undefined) return false;
    id = parent;
    wanted = found.parent_variant ?? null;
  }
  for (const { id: message_id, variant } of path)
    await postJson(pathTo('/messages/{message_id}/variants/{variant}/show', { message_id, variant }));
  await showMessages(hit.session_id, hit.message_id === null ? 'end' : { around: hit.message_id });
  return true;
}
