import { describe, expect, it } from 'vitest';

import { placeIn, type ListName } from './lists';
import type { Session } from './types';

function session(sessionId: string, minute: number, more: Partial<Session> = {}): Session {
  return {
    sessionId,
    firstQuery: sessionId,
    messages: [],
    timestamp: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`,
    pinned: false,
    archived: false,
    deleted_at: null,
    ...more,
  };
}

/** A list of pages as the ids in it. */
function placed(pages: Session[][], one: Session, list: ListName, more: boolean): string[][] {
  const data = {
    pages: pages.map((sessions, at) => ({ sessions, next_cursor: more || at < pages.length - 1 ? 'c' : null })),
    pageParams: [],
  };
  return placeIn(data, one, list).pages.map((page) => page.sessions.map((other) => other.sessionId));
}

const pages = [
  [session('e', 50), session('d', 40)],
  [session('c', 30), session('b', 20)],
];

describe('placeIn', () => {
  it('puts a chat where it belongs by its time, once', () => {
    expect(placed(pages, session('x', 60), 'current', true)).toEqual([
      ['x', 'e', 'd'],
      ['c', 'b'],
    ]);
    expect(placed(pages, session('x', 35), 'current', true)).toEqual([
      ['e', 'd'],
      ['x', 'c', 'b'],
    ]);
    expect(placed(pages, session('c', 55), 'current', true)).toEqual([['c', 'e', 'd'], ['b']]);
  });

  it('leaves a chat that is older than all that is loaded to the pages to come', () => {
    expect(placed(pages, session('x', 1), 'current', true)).toEqual([
      ['e', 'd'],
      ['c', 'b'],
    ]);
    expect(placed(pages, session('x', 1), 'current', false)).toEqual([
      ['e', 'd'],
      ['c', 'b', 'x'],
    ]);
    expect(placed([[]], session('x', 1), 'current', false)).toEqual([['x']]);
  });

  it('knows which list a chat stands in', () => {
    const lists: ListName[] = ['current', 'pinned', 'archived', 'trash'];
    const where = (more: Partial<Session>) =>
      lists.filter((list) => placed([[]], session('x', 1, more), list, false)[0]?.length === 1);
    expect(where({})).toEqual(['current']);
    expect(where({ pinned: true })).toEqual(['current', 'pinned']);
    expect(where({ pinned: true, archived: true })).toEqual(['archived']);
    expect(where({ archived: true, deleted_at: '2026-01-02T00:00:00Z' })).toEqual(['trash']);
  });

  it('takes a chat out of a list where it no longer belongs, and changes nothing in place', () => {
    const before = structuredClone(pages);
    expect(placed(pages, session('d', 40, { archived: true }), 'current', true)).toEqual([['e'], ['c', 'b']]);
    expect(pages).toEqual(before);
  });

  it('orders the trash by when a chat went there', () => {
    const trash = [[session('b', 50, { deleted_at: '2026-02-01T00:00:00Z' })]];
    expect(placed(trash, session('a', 60, { deleted_at: '2026-01-15T00:00:00Z' }), 'trash', false)).toEqual([
      ['b', 'a'],
    ]);
  });
});
