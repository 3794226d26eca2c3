import { beforeEach, describe, expect, it, vi } from 'vitest';

import { giveBack, readDraft, writeDraft } from './drafts';

const stored = new Map<string, string>();

beforeEach(() => {
  stored.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
});

describe('drafts', () => {
  it('keeps one text per chat, and forgets an empty one', () => {
    writeDraft('a', 'first');
    writeDraft('b', 'second');
    expect([readDraft('a'), readDraft('b'), readDraft('c')]).toEqual(['first', 'second', '']);
    writeDraft('a', '');
    expect([...stored.keys()].filter((key) => key.startsWith('chatbot.draft.'))).toEqual(['chatbot.draft.b']);
  });

  it('reads what an earlier visit left', () => {
    stored.set('chatbot.draft.old', 'from yesterday');
    expect(readDraft('old')).toBe('from yesterday');
  });

  it('gives a text back without losing what was typed since', () => {
    writeDraft('d', '');
    giveBack('d', 'sent');
    expect(readDraft('d')).toBe('sent');
    giveBack('d', 'earlier');
    expect(readDraft('d')).toBe('earlier\nsent');
  });

  it('works on where storage is refused', () => {
    vi.stubGlobal('localStorage', { getItem: () => { throw new Error('denied'); }, setItem: () => { throw new Error('full'); }, removeItem: () => undefined });
    writeDraft('e', 'typed');
    expect(readDraft('e')).toBe('typed');
  });
});
