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
