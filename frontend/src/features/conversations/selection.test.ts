import { beforeEach, describe, expect, it } from 'vitest';

import { leaveSelection, select, selectAll, selectedIn } from './selection';

const shown = ['a', 'b', 'c', 'd', 'e'];
const chosen = (place: 'current' | 'trash' = 'current') => {
  const ids = selectedIn(place);
  return ids === null ? null : [...ids].toSorted().join('');
};

describe('a selection', () => {
  beforeEach(leaveSelection);

  it('begins with one chat, and takes in and out', () => {
    expect(chosen()).toBeNull();
    select('current', 'b');
    select('current', 'd');
    expect(chosen()).toBe('bd');
    select('current', 'b');
    expect(chosen()).toBe('d');
  });

  it('goes on when the last one is taken out, until it is left', () => {
    select('current', 'b');
    select('current', 'b');
    expect(chosen()).toBe('');
    leaveSelection();
    expect(chosen()).toBeNull();
  });

  it('takes in a range from the last one, in both directions', () => {
    select('current', 'd');
    select('current', 'b', shown);
    expect(chosen()).toBe('bcd');
    select('current', 'e', shown);
    expect(chosen()).toBe('bcde');
  });

  it('takes one where no range has begun', () => {
    select('current', 'c', shown);
    expect(chosen()).toBe('c');
    selectAll('current', shown);
    select('current', 'c', shown);
    expect(chosen()).toBe('abde');
  });

  it('is of one list at a time', () => {
    select('current', 'b');
    select('trash', 'x');
    expect(chosen()).toBeNull();
    expect(chosen('trash')).toBe('x');
  });
});
