export interface Snippet {
  text: string;
  /** Pairs of positions, in UTF-16 code units of the text. */
  matches: readonly (readonly [number, number])[];
  cut_before: boolean;
  cut_after: boolean;
}

export interface Piece {
  at: number;
  text: string;
  marked: boolean;
}

/** A text in pieces, those that were looked for marked. Positions that make no sense mark nothing. */
export function piecesOf({ text, matches }: Pick<Snippet, 'text' | 'matches'>): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const take = (end: number, marked: boolean) => {
    if (end > at) pieces.push({ at, text: text.slice(at, end), marked });
    at = Math.max(at, end);
  };
  for (const [begin, end] of matches.toSorted((a, b) => a[0] - b[0])) {
    if (begin < 0 || end > text.length || end <= at) continue;
    take(begin, false);
    take(end, true);
  }
  take(text.length, false);
  return pieces;
}

/** Emphasis, code, headings, rules and the lines of tables, as far as a piece of a text shows them. */
const marks = /`+|~~|(?<=\S)\*+|\*+(?=\S)|(?<=^|\s)(?:#{1,6}|-{3,}|\|[\s:|-]*\|)(?=\s|$)|\|/g;

/** The same piece of Markdown as it reads, without its marks; what was looked for stays marked. */
export function withoutMarks(snippet: Snippet): Snippet {
  let kept = '';
  let at = 0;
  const moved = new Map<number, number>();
  const keep = (end: number) => {
    for (let position = at; position <= end; position += 1) moved.set(position, kept.length + position - at);
    kept += snippet.text.slice(at, end);
  };
  for (const found of snippet.text.matchAll(marks)) {
    keep(found.index);
    at = found.index + found[0].length;
    for (let position = found.index; position <= at; position += 1) moved.set(position, kept.length);
  }
  keep(snippet.text.length);
  const place = (position: number) => moved.get(position) ?? -1;
  return {
    ...snippet,
    text: kept,
    matches: snippet.matches.map(([begin, end]) => [place(begin), place(end)] as const),
  };
}
