import { listQuery } from '../../shared/api/lists';
import { queryClient } from '../../shared/api/query-client';
import type { Session } from '../../shared/api/types';
import type { Hit } from './api';

/** One line of the palette: a place to go, a chat, or something found. */
export type Entry =
  | { kind: 'place'; key: string; path: string; name: 'newChat' | 'archive' | 'trash' }
  | { kind: 'chat'; key: string; path: string; session: Session }
  | { kind: 'hit'; key: string; path: string; hit: Hit };

const recent = 7;

function pathOf(sessionId: string): string {
  return `/c/${encodeURIComponent(sessionId)}`;
}

/** What is offered before anything is typed. */
export function firstEntries(): Entry[] {
  const sessions = queryClient.getQueryData(listQuery('current').queryKey)?.pages[0]?.sessions ?? [];
  return [
    { kind: 'place', key: 'new', path: '/', name: 'newChat' },
    ...sessions
      .slice(0, recent)
      .map((session): Entry => ({ kind: 'chat', key: session.sessionId, path: pathOf(session.sessionId), session })),
    { kind: 'place', key: 'archive', path: '/archive', name: 'archive' },
    { kind: 'place', key: 'trash', path: '/trash', name: 'trash' },
  ];
}

export function hitEntry(hit: Hit, index: number): Entry {
  const anchor = hit.message_id === null ? '' : `?m=${encodeURIComponent(hit.message_id)}`;
  return {
    kind: 'hit',
    key: `${hit.session_id} ${hit.message_id ?? ''} ${index}`,
    path: pathOf(hit.session_id) + anchor,
    hit,
  };
}
