import type { Cell, Result } from './result';

/** What spreadsheets take for a formula. */
const formula = /^(?:\s*[=+\-@]|[\t\r])/;
const plainNumber = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * One field (RFC 4180). A text that a spreadsheet would run gets an apostrophe before it; numbers
 * stay numbers.
 */
export function csvField(cell: Cell): string {
  if (cell === null) return '';
  const safe = formula.test(cell) && !plainNumber.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(safe) || safe === '' ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * All rows that are there, in the order of the result. It begins with a byte order mark: without it
 * Excel reads umlauts as Latin-1, and everything else skips it. No value is an empty field, an
 * empty text a pair of quotes.
 */
export function csvOf(result: Result): string {
  const lines = [result.columns.map((column) => column.name), ...result.rows];
  return `\uFEFF${lines.map((cells) => `${cells.map(csvField).join(',')}\r\n`).join('')}`;
}

export function csvName(title: string): string {
  const stem = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${stem === '' ? 'genie-result' : stem}.csv`;
}

export function downloadCsv(result: Result, title: string): void {
  const url = URL.createObjectURL(new Blob([csvOf(result)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = csvName(title);
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
