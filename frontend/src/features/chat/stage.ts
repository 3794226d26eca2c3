import type { Row } from './rows';

/** Which rows are in the page: from `first` up to but without `end`. */
export interface Range {
  first: number;
  end: number;
}

/** The outermost rows of those that are in the page. */
export interface Shown {
  first: string;
  last: string;
}

/** So many rows more are put into the page at once: few enough to be done within a frame. */
const slice = 6;
/** So many that come at an end are shown with it: a question that was sent, and its reply. */
const few = 4;

/** Of each line, and of what a question and a reply have around their words; less than any of them takes. */
const lineHeight = 22;
const around = { user: 70, assistant: 110 } as const;
/** More letters than fit into a line of the widest column. */
const lineLetters = 130;

/** The least that a message takes of the height of the page. */
function heightAtLeast({ message }: Row): number {
  return around[message.role] + lineHeight * Math.max(1, Math.floor(message.content.length / lineLetters));
}

/** The rows to begin with: those that fill the view above the end, or on both sides of a row. */
export function beginning(rows: readonly Row[], at: number, view: number): Range {
  let first = Math.min(Math.max(at, 0), Math.max(0, rows.length - 1));
  let end = Math.min(rows.length, first + 1);
  for (let height = 0; end < rows.length && height < view; end += 1) height += heightOf(rows[end]);
  for (let height = 0; first > 0 && height < view; first -= 1) height += heightOf(rows[first]);
  return { first, end };
}

function heightOf(row: Row | undefined): number {
  return row === undefined ? 0 : heightAtLeast(row);
}

/** Where the rows that are in the page stand among those that there are now; null: none of them is left. */
export function found(rows: readonly Row[], shown: Shown): Range | null {
  const first = rows.findIndex((row) => row.key === shown.first);
  const last = rows.findLastIndex((row) => row.key === shown.last);
  if (first < 0 && last < 0) return null;
  // What was let go of at one end was in the page up to that end.
  const range = { first: Math.max(first, 0), end: last < 0 ? rows.length : last + 1 };
  if (rows.length - range.end <= few) range.end = rows.length;
  return range.first < range.end ? range : null;
}

export function isWhole(rows: readonly Row[], { first, end }: Range): boolean {
  return first === 0 && end === rows.length;
}

/** With some more: on the side where fewer are there, so that both sides of what is read are filled. */
export function grown(rows: readonly Row[], { first, end }: Range, below: boolean): Range {
  const more = (below && end < rows.length) || first === 0;
  return more ? { first, end: Math.min(rows.length, end + slice) } : { first: Math.max(0, first - slice), end };
}
