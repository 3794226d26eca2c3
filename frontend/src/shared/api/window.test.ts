import { describe, expect, it } from 'vitest';

import { extended } from './more-messages';
import type { Message, MessagePage, Session } from './types';
import {
  hasEnd,
  mostKept,
  moved,
  newestMetrics,
  pageSize,
  questionAgain,
  questionFor,
  renewed,
  shared,
  withHead,
} from './window';

function message(n: number): Message {
  const role = n % 2 === 0 ? 'user' : 'assistant';
  const metrics = role === 'user' ? null : { contextMessages: n };
  return { message_id: `m${n}`, role, content: `${n}`, timestamp: '2026-01-01T00:00:00Z', metrics };
}

function range(from: number, to: number): Message[] {
  return Array.from({ length: to - from }, (_, index) => message(from + index));
}

/** The messages from a number on, before another, of a chat with so many. */
function chat(from: number, to: number, all: number): Session {
  return {
    sessionId: 's1',
    firstQuery: '?',
    timestamp: '2026-01-01T00:00:00Z',
    messages: range(from, to),
    before: from > 0 ? `m${from}` : null,
    after: to < all ? `m${to - 1}` : null,
  };
}

function page(from: number, to: number, all: number): MessagePage {
  const { messages, before, after } = chat(from, to, all);
  return { messages, before, after };
}

/** "from-to" of what is kept, and at which ends there is more. */
function shape({ messages, before, after }: Session): string {
  const numbers = messages.map(({ content }) => Number(content));
  const [first = -1] = numbers;
  expect(numbers).toEqual(numbers.map((_, index) => first + index));
  if (before !== null && before !== undefined) expect(before).toBe(`m${first}`);
  if (after !== null && after !== undefined) expect(after).toBe(`m${numbers.at(-1)}`);
  return `${before === null ? '' : '<'}${first}-${numbers.at(-1)}${after === null ? '' : '>'}`;
}

describe('a run of messages', () => {
  it('grows at the end that was asked for', () => {
    expect(shape(extended(chat(50, 100, 200), 'before', 'm50', page(20, 50, 200)))).toBe('<20-99>');
    expect(shape(extended(chat(50, 100, 200), 'before', 'm50', page(0, 50, 200)))).toBe('0-99>');
    expect(shape(extended(chat(50, 100, 200), 'after', 'm99', page(100, 200, 200)))).toBe('<50-199');
  });

  it('stays as it is when its end has moved meanwhile', () => {
    const now = chat(40, 100, 200);
    expect(extended(now, 'before', 'm50', page(20, 50, 200))).toBe(now);
  });

  it('holds no message twice', () => {
    expect(shape(extended(chat(50, 100, 200), 'before', 'm50', page(20, 52, 200)))).toBe('<20-99>');
  });

  it('drops its far end when it is long enough', () => {
    const newest = chat(1000 - mostKept, 1000, 1000);
    const older = extended(newest, 'before', `m${1000 - mostKept}`, page(700, 1000 - mostKept, 1000));
    expect(shape(older)).toBe(`<700-${700 + mostKept - 1}>`);
    expect(older.messages).toHaveLength(mostKept);
    const back = extended(older, 'after', `m${699 + mostKept}`, page(700 + mostKept, 1000, 1000));
    expect(shape(back)).toBe(`<${1000 - mostKept}-999`);
  });

  it('knows what the model was told for a reply that it has dropped', () => {
    const newest = chat(1000 - mostKept, 1000, 1000);
    const older = extended(newest, 'before', `m${1000 - mostKept}`, page(700, 1000 - mostKept, 1000));
    expect(newestMetrics(newest)).toEqual({ contextMessages: 999 });
    expect(hasEnd(older)).toBe(false);
    expect(newestMetrics(older)).toEqual({ contextMessages: 999 });
    expect(newestMetrics(moved(older, chat(0, 50, 1000)))).toEqual({ contextMessages: 999 });
    expect(newestMetrics(chat(0, 50, 1000))).toBeNull();
  });
});

describe('what is asked for', () => {
  it('is the newest, the first, or what stands around a message', () => {
    expect(questionFor('end')).toEqual({ limit: pageSize });
    expect(questionFor('start')).toEqual({ limit: pageSize, after: '' });
    expect(questionFor({ around: 'm7' })).toEqual({ limit: pageSize, around: 'm7' });
  });

  it('is the same run again, with room for what is new', () => {
    expect(questionAgain(chat(0, 4, 4))).toEqual({ limit: pageSize });
    expect(questionAgain(chat(100, 200, 200))).toEqual({ limit: 120 });
    expect(questionAgain(chat(0, mostKept, mostKept))).toEqual({ limit: mostKept });
    expect(questionAgain(chat(100, 160, 1000))).toEqual({ limit: 60, around: 'm130' });
    expect(questionAgain(chat(100, 151, 1000))).toEqual({ limit: 51, around: 'm125' });
  });
});

describe('what is read anew', () => {
  it('begins where it began, and ends with what is new', () => {
    expect(shape(renewed(chat(150, 200, 200), chat(132, 202, 202)))).toBe('<150-201');
    expect(shape(renewed(chat(0, 10, 10), chat(0, 12, 12)))).toBe('0-11');
  });

  it('is taken as it is when its beginning is gone', () => {
    expect(shape(renewed(chat(150, 200, 200), chat(170, 240, 240)))).toBe('<170-239');
    expect(shape(renewed(chat(50, 100, 200), chat(150, 200, 200)))).toBe('<150-199');
    expect(shape(renewed(undefined, chat(150, 200, 200)))).toBe('<150-199');
  });

  it('leaves the messages alone when only the head is new', () => {
    const head = { ...chat(0, 0, 0), title: 'New', after: null, before: null };
    const now = withHead(chat(50, 100, 200), head);
    expect(now.title).toBe('New');
    expect(shape(now)).toBe('<50-99>');
  });
});

describe('what is kept of a chat that has not changed', () => {
  const copy = (session: Session) => structuredClone(session);

  it('is the chat itself where it was read again', () => {
    const old = chat(10, 20, 20);
    expect(shared(old, copy(old))).toBe(old);
  });

  it('are the messages that others were put above', () => {
    const old = chat(10, 20, 20);
    const { messages } = shared(old, copy(chat(5, 20, 20))) as Session;
    expect(messages).toHaveLength(15);
    for (const [index, kept] of old.messages.entries()) expect(messages[index + 5]).toBe(kept);
  });

  it('are the other messages where one has changed', () => {
    const old = chat(0, 4, 4);
    const read = copy(old);
    read.messages = read.messages.map((one, index) => (index === 2 ? { ...one, content: 'else' } : one));
    const { messages } = shared(old, read) as Session;
    expect(messages.map((one, index) => one === old.messages[index])).toEqual([true, true, false, true]);
    expect(messages[2]?.content).toBe('else');
  });

  it('are all messages where only the head has changed', () => {
    const old = chat(0, 4, 4);
    const now = shared(old, { ...copy(old), title: 'New' }) as Session;
    expect(now.title).toBe('New');
    expect(now.messages).toBe(old.messages);
  });
});
