import { describe, expect, it } from 'vitest';

import { extremes, planChart, pointsOf, runsOf, ticksOf } from './chart';
import { isOver, numberOf, readAnswer, shownCell, sortedRows, type Result } from './result';

function part(columns: [string, string][], rows: (string | null)[][], more: object = {}) {
  return {
    id: 'genie',
    kind: 'genie',
    state: 'COMPLETED',
    columns: columns.map(([name, type]) => ({ name, type })),
    rows,
    ...more,
  };
}

function resultOf(columns: [string, string][], rows: (string | null)[][], more: object = {}): Result {
  const { result } = readAnswer(part(columns, rows, more));
  if (result === null) throw new Error('no result');
  return result;
}

const regions = resultOf(
  [
    ['region', 'STRING'],
    ['clients', 'LONG'],
    ['revenue', 'DECIMAL(10,2)'],
  ],
  [
    ['Europe', '382', '518224.65'],
    ['Asia', '9', null],
    ['Africa', '154', '-270847.38'],
  ],
);

describe('a part of Genie', () => {
  it('is read as far as it is well-formed', () => {
    const answer = readAnswer({
      state: 'COMPLETED',
      reason: 7,
      wanted: 'yes',
      suggestions: ['a', 3, ''],
      error: { message: 'no' },
      columns: [{}, { name: 'n' }],
      rows: [['x'], 'y', [null, 4]],
    });
    expect(answer).toMatchObject({
      state: 'COMPLETED',
      reason: '',
      wanted: false,
      suggestions: ['a'],
      error: 'no',
      sql: '',
    });
    expect(answer.result?.rows).toEqual([
      ['x', null],
      [null, null],
      [null, null],
    ]);
    expect(answer.result?.rowCount).toBe(3);
    expect(readAnswer({}).result).toBeNull();
  });

  it('knows the kinds of columns by type, and by look where there is none', () => {
    const kinds = (type: string, ...values: (string | null)[]) =>
      resultOf(
        [['c', type]],
        values.map((value) => [value]),
      ).columns[0]?.kind;
    expect(kinds('BIGINT', '1')).toBe('number');
    expect(kinds('DECIMAL(38,2)', null)).toBe('number');
    expect(kinds('TIMESTAMP_NTZ', '2026-01-01 00:00:00')).toBe('date');
    expect(kinds('', '1', '-2.5', null)).toBe('number');
    expect(kinds('', '007')).toBe('text');
    expect(kinds('STRING', '12')).toBe('text');
    expect(kinds('STRING', '2026-01', '2026-02')).toBe('date');
    expect(kinds('', null)).toBe('text');
  });

  it('tells when it has ended', () => {
    expect(isOver('COMPLETED')).toBe(true);
    expect(isOver('SOMETHING_NEW')).toBe(false);
  });
});

describe('sorting', () => {
  const names = (result: Result, column: number, up: boolean) =>
    sortedRows(result, { column, up }).map((row) => row[0]);
  it('goes by number, and leaves what has no value last', () => {
    expect(names(regions, 1, true)).toEqual(['Asia', 'Africa', 'Europe']);
    expect(names(regions, 1, false)).toEqual(['Europe', 'Africa', 'Asia']);
    expect(names(regions, 2, true)).toEqual(['Africa', 'Europe', 'Asia']);
    expect(names(regions, 2, false)).toEqual(['Europe', 'Africa', 'Asia']);
    expect(names(regions, 0, true)).toEqual(['Africa', 'Asia', 'Europe']);
    expect(sortedRows(regions, null)).toBe(regions.rows);
  });
});

describe('cells', () => {
  it('divide the thousands of amounts, not of years and ids', () => {
    expect(shownCell('518224.65', { name: 'revenue', kind: 'number' })).toBe('518,224.65');
    expect(shownCell('-1234567', { name: 'n', kind: 'number' })).toBe('-1,234,567');
    expect(shownCell('2024', { name: 'n', kind: 'number' })).toBe('2024');
    expect(shownCell('1000000', { name: 'order_id', kind: 'number' })).toBe('1000000');
    expect(shownCell('12345', { name: 'n', kind: 'text' })).toBe('12345');
    expect(shownCell('2026-01-03T16:30:28.000Z', { name: 'at', kind: 'date' })).toBe('2026-01-03 16:30:28');
    expect(shownCell('2026-01-03T00:00:00Z', { name: 'at', kind: 'date' })).toBe('2026-01-03');
    expect(shownCell('9007199254740993123', { name: 'n', kind: 'number' })).toBe('9,007,199,254,740,993,123');
  });
  it('are numbers or none', () => {
    expect([numberOf('1e3'), numberOf(''), numberOf(null), numberOf('x'), numberOf('NaN')]).toEqual([
      1000,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('charts', () => {
  it('suggest themselves for categories and for time', () => {
    expect(planChart(regions)).toEqual({ kind: 'bars', by: 0, measures: [1, 2] });
    const months = resultOf(
      [
        ['n', 'LONG'],
        ['month', 'DATE'],
      ],
      [
        ['2', '2026-02-01'],
        ['1', '2026-01-01'],
        [null, '2026-03-01'],
      ],
    );
    const plan = planChart(months);
    expect(plan).toEqual({ kind: 'line', by: 1, measures: [0] });
    expect(plan && pointsOf(months, plan, 0)).toEqual([
      { label: '2026-01-01', value: 1 },
      { label: '2026-02-01', value: 2 },
      { label: '2026-03-01', value: null },
    ]);
    expect(
      planChart(
        resultOf(
          [
            ['year', 'INT'],
            ['n', 'INT'],
          ],
          [
            ['2023', '1'],
            ['2024', '2'],
            ['2025', '3'],
          ],
        ),
      )?.kind,
    ).toBe('line');
  });
  it('do not where nothing can be seen', () => {
    expect(planChart(resultOf([['n', 'INT']], [['1']]))).toBeNull();
    expect(
      planChart(
        resultOf(
          [
            ['a', 'STRING'],
            ['b', 'STRING'],
          ],
          [
            ['x', 'y'],
            ['z', 'w'],
          ],
        ),
      ),
    ).toBeNull();
    expect(
      planChart(
        resultOf(
          [
            ['order_id', 'INT'],
            ['name', 'STRING'],
          ],
          [
            ['1', 'y'],
            ['2', 'w'],
          ],
        ),
      ),
    ).toBeNull();
    expect(
      planChart(
        resultOf(
          [
            ['a', 'STRING'],
            ['n', 'INT'],
          ],
          [
            ['x', '1'],
            ['x', '2'],
          ],
        ),
      ),
    ).toBeNull();
    expect(
      planChart(
        resultOf(
          [
            ['a', 'STRING'],
            ['n', 'INT'],
          ],
          Array.from({ length: 31 }, (_, i) => [`x${i}`, '1']),
        ),
      ),
    ).toBeNull();
  });
  it('have round steps around all values and zero', () => {
    const ticks = (...values: number[]) => ticksOf(values.map((value) => ({ label: '', value })));
    expect(ticks(382, 9, 154)).toEqual([0, 100, 200, 300, 400]);
    expect(ticks(-3, 8)).toEqual([-5, 0, 5, 10]);
    expect(ticks(0)).toEqual([0, 0.5, 1]);
    expect(ticks()).toEqual([0, 0.5, 1]);
  });
  it('say their ends, and leave gaps', () => {
    const points = [3, null, 1, 2].map((value, i) => ({ label: `p${i}`, value }));
    expect(extremes(points)).toEqual({ most: points[0], least: points[2] });
    expect(extremes([{ label: '', value: null }])).toBeNull();
    expect(runsOf(points)).toEqual([[0], [2, 3]]);
  });
});
