import { download, fileStem } from '../lib/download';

/** What stands in a table; null where there is no value. */
export type Cell = string | null;

/** What spreadsheets take for a formula; those for Chinese and Japanese take the wide signs too. */
const formula = /^\s*[=+\-@＝＋－＠\t\r\n]/;
const plainNumber = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A text that a spreadsheet would run gets an apostrophe before it; numbers stay numbers. */
export function withoutFormula(text: string): string {
  return formula.test(text) && !plainNumber.test(text) ? `'${text}` : text;
}

/** One field (RFC 4180). */
export function csvField(cell: Cell): string {
  if (cell === null) return '';
  const safe = withoutFormula(cell);
  return /[",\r\n]|^\s|\s$/.test(safe) || safe === '' ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * The rows in that order. It begins with a byte order mark: without it Excel reads umlauts as
 * Latin-1, and everything else skips it. No value is an empty field, an empty text a pair of quotes.
 */
export function csvOf(names: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `\uFEFF${[names, ...rows].map((cells) => `${cells.map(csvField).join(',')}\r\n`).join('')}`;
}

export function downloadCsv(
  title: string,
  otherwise: string,
  names: readonly string[],
  rows: readonly (readonly Cell[])[],
): void {
  download(`${fileStem(title, otherwise)}.csv`, 'text/csv;charset=utf-8', csvOf(names, rows));
}
