import { describe, expect, it } from 'vitest';

import { cellOf, numbersOf } from './amounts';
import { nextSorting, sortRows } from './sorting';

function sorted(texts: string[], up = true): string[] {
  const numbers = numbersOf(texts.map(cellOf));
  return sortRows(texts, up, cellOf, numbers);
}

describe('sorting', () => {
  it.each([
    ['plain numbers', ['10', '9', '-1', '2.5'], ['-1', '2.5', '9', '10']],
    ['thousands', ['1,200', '900', '12,000,000'], ['900', '1,200', '12,000,000']],
    ['the continental way', ['1.234,50', '99,5', '12.345.678'], ['99,5', '1.234,50', '12.345.678']],
    ['money', ['$1,200.50', '-$3', '$90'], ['-$3', '$90', '$1,200.50']],
    ['money behind', ['10 €', '9,50 €', '100 €'], ['9,50 €', '10 €', '100 €']],
    ['scales', ['1.2M', '900k', '2B', '5'], ['5', '900k', '1.2M', '2B']],
    ['shares', ['10%', '9.5 %', '100%'], ['9.5 %', '10%', '100%']],
    ['one unit', ['1.5 ms', '1.25 ms', '10 ms'], ['1.25 ms', '1.5 ms', '10 ms']],
    ['what is owed', ['(20)', '3', '−4'], ['(20)', '−4', '3']],
    ['words', ['pear', 'Äpfel', 'apples', 'Zest'], ['Äpfel', 'apples', 'pear', 'Zest']],
    ['numbered words', ['item 10', 'item 9'], ['item 9', 'item 10']],
    ['dates', ['2026-10-01', '2026-09-30'], ['2026-09-30', '2026-10-01']],
    ['units that differ', ['2 GB', '10 MB'], ['2 GB', '10 MB']],
  ])('puts %s in order', (_, texts, expected) => {
    expect(sorted(texts)).toEqual(expected);
  });

  it('keeps what has no value last, both ways', () => {
    expect(sorted(['–', '2', '', '1', 'n/a'])).toEqual(['1', '2', '–', '', 'n/a']);
    expect(sorted(['–', '2', '', '1', 'n/a'], false)).toEqual(['2', '1', '–', '', 'n/a']);
  });

  it('goes up, down and back', () => {
    const up = nextSorting(null, 2);
    expect(up).toEqual({ column: 2, up: true });
    expect(nextSorting(up, 2)).toEqual({ column: 2, up: false });
    expect(nextSorting(nextSorting(up, 2), 2)).toBeNull();
    expect(nextSorting(up, 1)).toEqual({ column: 1, up: true });
  });
});
