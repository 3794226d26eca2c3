import { describe, expect, it } from 'vitest';

import { groupByDate, groupOf } from './date-groups';

const now = new Date(2026, 2, 30, 0, 30);
const at = (day: number, hour = 12, month = 2) => new Date(2026, month, day, hour).toISOString();

describe('groupOf', () => {
  it('counts days by the calendar, not by hours', () => {
    expect(groupOf(at(30, 0), now)).toBe('today');
    expect(groupOf(at(29, 23), now)).toBe('yesterday');
    expect(groupOf(at(29, 0), now)).toBe('yesterday');
    expect(groupOf(at(28, 23), now)).toBe('week');
    expect(groupOf(at(23, 0), now)).toBe('week');
    expect(groupOf(at(22, 23), now)).toBe('older');
  });

  it('does not lose a day where the clocks change', () => {
    const afterChange = new Date(2026, 9, 26, 12);
    expect(groupOf(new Date(2026, 9, 25, 0, 30).toISOString(), afterChange)).toBe('yesterday');
    expect(groupOf(new Date(2026, 9, 24, 23, 30).toISOString(), afterChange)).toBe('week');
  });

  it('takes a clock that runs ahead for today, and nonsense for old', () => {
    expect(groupOf(at(31), now)).toBe('today');
    expect(groupOf('not a date', now)).toBe('older');
  });
});

describe('groupByDate', () => {
  const session = (sessionId: string, timestamp: string) => ({
    sessionId,
    firstQuery: sessionId,
    messages: [],
    timestamp,
  });

  it('hides empty groups and keeps the order', () => {
    const groups = groupByDate([session('a', at(30, 0)), session('b', at(22)), session('c', at(30, 0))], now);
    expect(groups.map((group) => [group.name, group.sessions.map((one) => one.sessionId)])).toEqual([
      ['today', ['a', 'c']],
      ['older', ['b']],
    ]);
  });
});
