import { infiniteQueryOptions, type InfiniteData } from '@tanstack/react-query';

import { getJson } from './http';
import { queryClient } from './query-client';
import type { Session, SessionPage } from './types';

export type ListName = 'current' | 'pinned' | 'archived' | 'trash';

type Pages = InfiniteData<SessionPage>;

const pageSize = 40;
/** All pinned chats are shown at once. */
const mostPinned = 200;
const names: readonly ListName[] = ['current', 'pinned', 'archived', 'trash'];

export const everyList = ['sessions'] as const;

export function listQuery(name: ListName) {
  return infiniteQueryOptions({
    queryKey: [...everyList, name],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }): Promise<SessionPage> =>
      getJson('/chats', signal, {
        list: name,
        messages: 'none',
        limit: name === 'pinned' ? mostPinned : pageSize,
        ...(pageParam === '' ? {} : { cursor: pageParam }),
      }),
    getNextPageParam: (page: SessionPage) => page.next_cursor ?? null,
  });
}

/** Whether a chat stands in a list: the archive and the trash are beside the current ones. */
export function belongs(session: Session, list: ListName): boolean {
  const deleted = (session.deleted_at ?? null) !== null;
  const archived = session.archived === true;
  switch (list) {
    case 'current':
      return !deleted && !archived;
    case 'pinned':
      return !deleted && !archived && session.pinned === true;
    case 'archived':
      return !deleted && archived;
    case 'trash':
      return deleted;
  }
}

function timeIn(session: Session, list: ListName): string {
  return (list === 'trash' ? session.deleted_at : null) ?? session.timestamp ?? '';
}

function without(pages: readonly SessionPage[], sessionId: string): SessionPage[] {
  return pages.map((page) => ({ ...page, sessions: page.sessions.filter((other) => other.sessionId !== sessionId) }));
}

/** Pure: a list with a chat where it belongs by its time, or without it. */
export function placeIn(data: Pages, session: Session, list: ListName): Pages {
  const pages = without(data.pages, session.sessionId);
  if (!belongs(session, list)) return { ...data, pages };
  const entry = { ...session, messages: [] };
  for (const page of pages) {
    const at = page.sessions.findIndex((other) => timeIn(other, list) <= timeIn(session, list));
    if (at < 0) continue;
    page.sessions.splice(at, 0, entry);
    return { ...data, pages };
  }
  // Older than all that is loaded: it stands on a page that is not here yet, if there is one.
  const last = pages.at(-1);
  if (last !== undefined && (last.next_cursor ?? null) === null) last.sessions.push(entry);
  return { ...data, pages };
}

/**
 * Changes a list that is loaded. A request under way would bring an older state: it is given up,
 * and asked again a little later.
 */
function patchList(name: ListName, change: (data: Pages) => Pages): void {
  const { queryKey } = listQuery(name);
  if (queryClient.isFetching({ queryKey }) > 0) refreshSoon();
  if (queryClient.getQueryData(queryKey) === undefined) return;
  void queryClient.cancelQueries({ queryKey });
  queryClient.setQueryData(queryKey, (data: Pages | undefined) => (data === undefined ? undefined : change(data)));
}

/** Shows a chat as it is now in every list that is loaded. */
export function placeSession(session: Session): void {
  for (const name of names) patchList(name, (data) => placeIn(data, session, name));
}

/** Takes chats out of the trash, as when they are erased. */
export function dropErased(gone: (session: Session) => boolean): void {
  patchList('trash', (data) => ({
    ...data,
    pages: data.pages.map((page) => ({ ...page, sessions: page.sessions.filter((session) => !gone(session)) })),
  }));
}

/** What the lists say about a chat. */
export function listedSession(sessionId: string): Session | undefined {
  for (const name of names) {
    const pages = queryClient.getQueryData(listQuery(name).queryKey)?.pages ?? [];
    const found = pages.flatMap((page) => page.sessions).find((session) => session.sessionId === sessionId);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Several changes at once are one request. */
const together = 300;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks for the lists on screen anew, a little later. */
export function refreshSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    void queryClient.invalidateQueries({ queryKey: everyList, refetchType: document.hidden ? 'none' : 'active' });
  }, together);
}

/** The newest chat of the list: news about it moves nothing. */
export function isNewest(sessionId: string): boolean {
  return queryClient.getQueryData(listQuery('current').queryKey)?.pages[0]?.sessions[0]?.sessionId === sessionId;
}
