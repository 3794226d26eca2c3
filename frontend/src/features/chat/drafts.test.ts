import { beforeEach, describe, expect, it, vi } from 'vitest';

import { adopt, giveBack, markSaved, readDraft, unsavedSince, writeDraft } from './drafts';

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
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new Error('denied');
      },
      setItem: () => {
        throw new Error('full');
      },
      removeItem: () => undefined,
    });
    writeDraft('e', 'typed');
    expect(readDraft('e')).toBe('typed');
  });
});

describe('a draft from another device', () => {
  it('appears where nobody has typed', () => {
    adopt('f', 'from the phone', 1000);
    expect(readDraft('f')).toBe('from the phone');
    expect(unsavedSince('f')).toBeNull();
    adopt('f', '', 2000);
    expect(readDraft('f')).toBe('');
  });

  it('does not take away what is being typed', () => {
    writeDraft('g', 'typed here');
    adopt('g', 'typed there', Date.now() + 60_000);
    expect(readDraft('g')).toBe('typed here');
    adopt('g', '', 0);
    expect(readDraft('g')).toBe('typed here');
  });

  it('takes the place of an older text that this device could not save', () => {
    stored.set('chatbot.draft.h', 'typed on the train');
    stored.set('chatbot.unsaved.h', '5000');
    adopt('h', 'typed at home, before', 4000);
    expect(readDraft('h')).toBe('typed on the train');
    adopt('h', 'typed at home, later', 6000);
    expect(readDraft('h')).toBe('typed at home, later');
    expect(unsavedSince('h')).toBeNull();
  });

  it('appears again once what was typed here is saved', () => {
    writeDraft('i', 'first');
    writeDraft('i', 'first and more');
    markSaved('i', 'first');
    expect(unsavedSince('i')).not.toBeNull();
    markSaved('i', 'first and more');
    adopt('i', 'theirs', 1);
    expect(readDraft('i')).toBe('theirs');
  });
});
