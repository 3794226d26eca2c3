import { describe, expect, it } from 'vitest';

import type { Row } from './rows';
import { beginning, found, grown, isWhole, type Range } from './stage';

const view = 800;

function row(index: number, letters = 20): Row {
  const role = index % 2 === 0 ? 'user' : 'assistant';
  return {
    key: `k${index}`,
    message: { message_id: `m${index}`, role, content: 'x'.repeat(letters), timestamp: '' },
    turn: null,
    question: '',
  };
}

function rowsOf(count: number, letters?: number): Row[] {
  return Array.from({ length: count }, (_, index) => row(index, letters));
}

function steps(rows: readonly Row[], from: Range): Range[] {
  const all = [from];
  for (let now = from; !isWhole(rows, now) && all.length < 100;) {
    now = grown(rows, now, rows.length - now.end > now.first);
    all.push(now);
  }
  return all;
}

describe('what of a chat is put into the page at first', () => {
  it('is what fills the view at the end', () => {
    const { first, end } = beginning(rowsOf(50), 49, view);
    expect(end).toBe(50);
    expect(first).toBeGreaterThan(35);
    expect(first).toBeLessThan(43);
  });

  it('is less where the messages are long, but never nothing', () => {
    expect(beginning(rowsOf(50, 20_000), 49, view)).toEqual({ first: 48, end: 50 });
    expect(beginning(rowsOf(1), 0, view)).toEqual({ first: 0, end: 1 });
  });

  it('is what stands on both sides of a message in the middle', () => {
    const { first, end } = beginning(rowsOf(50), 25, view);
    expect(first).toBeLessThan(20);
    expect(end).toBeGreaterThan(31);
  });

  it('begins with the first message where that is what is wanted', () => {
    expect(beginning(rowsOf(50), 0, view).first).toBe(0);
  });
});

describe('what follows', () => {
  it.each([0, 25, 49])('is everything, in small slices, from message %i on', (at) => {
    const rows = rowsOf(50);
    const all = steps(rows, beginning(rows, at, view));
    expect(all.at(-1)).toEqual({ first: 0, end: 50 });
    for (const [index, now] of all.slice(1).entries()) {
      const before = all[index] ?? now;
      expect(now.end - now.first - (before.end - before.first)).toBeLessThanOrEqual(6);
      expect(now.first).toBeLessThanOrEqual(before.first);
      expect(now.end).toBeGreaterThanOrEqual(before.end);
    }
  });
});

describe('rows that come and go', () => {
  const rows = rowsOf(50);

  it('leave those in the page where they are when older ones are put above', () => {
    expect(found(rows, { first: 'k20', last: 'k49' })).toEqual({ first: 20, end: 50 });
  });

  it('show a question that is sent, and its reply, at once', () => {
    expect(found(rows, { first: 'k0', last: 'k47' })).toEqual({ first: 0, end: 50 });
    expect(found(rows, { first: 'k0', last: 'k29' })).toEqual({ first: 0, end: 30 });
  });

  it('are found by the end that is left', () => {
    expect(found(rows.slice(10), { first: 'k0', last: 'k49' })).toEqual({ first: 0, end: 40 });
    expect(found(rows.slice(0, 30), { first: 'k5', last: 'k49' })).toEqual({ first: 5, end: 30 });
  });

  it('of another chat are not found', () => {
    expect(found(rows, { first: 'a', last: 'b' })).toBeNull();
  });
});
