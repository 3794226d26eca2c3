import type { Cell } from '../../shared/table/csv';
import { sortRows, type Sorting } from '../../shared/table/sorting';

/** A Genie part of a reply, as far as it is well-formed. */
export interface Column {
  name: string;
  kind: 'number' | 'date' | 'text';
}

export interface Result {
  columns: Column[];
  rows: Cell[][];
  /** Rows that the query has, as far as Genie says. */
  rowCount: number;
  /** Genie itself left out more rows than those. */
  truncated: boolean;
}

export interface GenieAnswer {
  state: string;
  reason: string;
  wanted: boolean;
  space: string;
  title: string;
  description: string;
  sql: string;
  result: Result | null;
  suggestions: string[];
  error: string;
}

type Members = Readonly<Record<string, unknown>>;

function textOf(part: Members, name: string): string {
  const value = part[name];
  return typeof value === 'string' ? value : '';
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

const numbers = /^(?:BYTE|TINYINT|SHORT|SMALLINT|INT|INTEGER|LONG|BIGINT|FLOAT|REAL|DOUBLE|DECIMAL|NUMERIC)/i;
const dates = /^(?:DATE|TIMESTAMP)/i;
const looksNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const looksDate = /^\d{4}-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}.*)?)?$/;

/** By the type that Genie tells; where it tells none, by what the values look like. */
function kindOf(type: string, values: Cell[]): Column['kind'] {
  if (numbers.test(type)) return 'number';
  if (dates.test(type)) return 'date';
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return 'text';
  if (type === '' && known.every((value) => looksNumber.test(value))) return 'number';
  return known.every((value) => looksDate.test(value)) ? 'date' : 'text';
}

function readResult(part: Members): Result | null {
  const columns = listOf(part.columns).map(membersOf);
  if (columns.length === 0) return null;
  const rows = listOf(part.rows).map((row) => {
    const cells = listOf(row);
    return columns.map((_, index): Cell => (typeof cells[index] === 'string' ? cells[index] : null));
  });
  const told = typeof part.row_count === 'number' ? part.row_count : 0;
  return {
    columns: columns.map((column, index) => ({
      name: textOf(column, 'name'),
      kind: kindOf(
        textOf(column, 'type'),
        rows.map((row) => row[index] ?? null),
      ),
    })),
    rows,
    rowCount: Math.max(told, rows.length),
    truncated: part.truncated === true,
  };
}

export function readAnswer(part: Members): GenieAnswer {
  return {
    state: textOf(part, 'state'),
    reason: textOf(part, 'reason'),
    wanted: part.wanted === true,
    space: textOf(part, 'space'),
    title: textOf(part, 'title'),
    description: textOf(part, 'description'),
    sql: textOf(part, 'sql'),
    result: readResult(part),
    suggestions: listOf(part.suggestions).filter((one): one is string => typeof one === 'string' && one !== ''),
    error: textOf(membersOf(part.error), 'message'),
  };
}

/** Genie has ended with it, one way or another. */
export function isOver(state: string): boolean {
  return ['COMPLETED', 'FAILED', 'CANCELLED', 'QUERY_RESULT_EXPIRED'].includes(state);
}

/** The number of a cell; null where there is none. */
export function numberOf(cell: Cell | undefined): number | null {
  if (cell === null || cell === undefined || cell.trim() === '') return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
}

/** Numbers of these are names, not amounts: years, ids, codes. */
const labels = /(?:^|_| )(?:id|ids|year|code|number|no|nr|zip|key)$/i;

export function isLabel(column: Column): boolean {
  return labels.test(column.name) || /[a-z]Id$/.test(column.name);
}

/** As it came, with the thousands of large amounts divided and times without their zeros. */
export function shownCell(cell: string, column: Column): string {
  if (column.kind === 'date')
    return cell
      .replace(/^(\d{4}-\d{2}-\d{2})T/, '$1 ')
      .replace(/ 00:00:00(?:\.0+)?Z?$/, '')
      .replace(/\.0+(?=Z?$)/, '')
      .replace(/Z$/, '');
  if (column.kind !== 'number' || isLabel(column)) return cell;
  const parts = /^(-?)(\d{5,})(\.\d+)?$/.exec(cell);
  if (parts === null) return cell;
  const [, sign = '', whole = '', rest = ''] = parts;
  return sign + whole.replace(/\B(?=(?:\d{3})+$)/g, ',') + rest;
}

export function sortedRows({ columns, rows }: Result, sorting: Sorting | null): readonly Cell[][] {
  if (sorting === null) return rows;
  const { column, up } = sorting;
  const read = columns[column]?.kind === 'number' ? numberOf : null;
  return sortRows(rows, up, (row) => row[column] ?? null, read);
}
