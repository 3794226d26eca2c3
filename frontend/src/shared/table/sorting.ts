import type { Cell } from './csv';

export interface Sorting {
  column: number;
  up: boolean;
}

/** The next step of a click on a heading: up, down, as it came. */
export function nextSorting(sorting: Sorting | null, column: number): Sorting | null {
  if (sorting?.column !== column) return { column, up: true };
  return sorting.up ? { column, up: false } : null;
}

/** For the heading's aria-sort. */
export function orderOf(sorting: Sorting | null, column: number): 'ascending' | 'descending' | undefined {
  if (sorting?.column !== column) return undefined;
  return sorting.up ? 'ascending' : 'descending';
}

// In the order of the reader's own language.
const words = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** A copy in that order; what has no value is last in both directions, equal rows stay in order. */
export function sortRows<T>(
  rows: readonly T[],
  up: boolean,
  cellOf: (row: T) => Cell,
  numberOf: ((cell: string) => number | null) | null,
): T[] {
  const compare = (a: string, b: string) =>
    numberOf === null ? words.compare(a, b) : (numberOf(a) ?? 0) - (numberOf(b) ?? 0);
  return rows
    .map((row) => ({ row, cell: cellOf(row) }))
    .toSorted(({ cell: a }, { cell: b }) => {
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      return up ? compare(a, b) : compare(b, a);
    })
    .map(({ row }) => row);
}
