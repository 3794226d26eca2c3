export type Change = 'same' | 'removed' | 'added';

export interface Run {
  change: Change;
  text: string;
}

/** Beyond so many differing pieces nobody reads a comparison: the rest counts as written anew. */
const mostEdits = 2000;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Words, marks and spaces, in any script. */
function piecesOf(text: string): string[] {
  return Array.from(segmenter.segment(text), (piece) => piece.segment);
}

const hasWord = /[\p{L}\p{N}]/u;

export function countWords(text: string): number {
  return piecesOf(text).filter((piece) => hasWord.test(piece)).length;
}

/** How far two lists are alike from here on. */
function alike(a: readonly string[], b: readonly string[], x: number, y: number): number {
  let n = 0;
  while (x + n < a.length && y + n < b.length && a[x + n] === b[y + n]) n++;
  return n;
}

type Furthest = Int32Array;

/**
 * Myers' greedy search: furthest[d][k] is how far along diagonal k (x - y) d edits lead. null when
 * it takes more than `mostEdits`.
 */
function search(a: readonly string[], b: readonly string[]): Furthest[] | null {
  const trace: Furthest[] = [];
  const most = Math.min(a.length + b.length, mostEdits);
  let before: Furthest = new Int32Array(3);
  for (let d = 0; d <= most; d++) {
    const now = new Int32Array(2 * d + 3);
    const at = (k: number) => before[k + d] ?? 0;
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
      const x = d === 0 ? 0 : down ? at(k + 1) : at(k - 1) + 1;
      const end = x + alike(a, b, x, x - k);
      now[k + d + 1] = end;
      if (end >= a.length && end - k >= b.length) {
        trace.push(now);
        return trace;
      }
    }
    trace.push(now);
    before = now;
  }
  return null;
}

/** The way back from the end, as one change for each piece; the last piece first. */
function walkBack(a: readonly string[], b: readonly string[], trace: readonly Furthest[]): Run[] {
  const runs: Run[] = [];
  let x = a.length;
  let y = b.length;
  const same = (until: number) => {
    for (; x > until; x--, y--) runs.push({ change: 'same', text: a[x - 1] ?? '' });
  };
  for (let d = trace.length - 1; d > 0; d--) {
    const before = trace[d - 1] ?? new Int32Array(0);
    const at = (k: number) => before[k + d] ?? 0;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    same(down ? at(k + 1) : at(k - 1) + 1);
    if (down) runs.push({ change: 'added', text: b[--y] ?? '' });
    else runs.push({ change: 'removed', text: a[--x] ?? '' });
  }
  same(0);
  return runs;
}

/** A single word between two changes is most likely alike by chance. */
function isChance(run: Run | undefined): boolean {
  return run?.change === 'same' && !run.text.includes('\n') && countWords(run.text) < 2;
}

/** Neighbours of one kind become one run; what was taken away stands before what came instead. */
function gather(pieces: readonly Run[]): Run[] {
  const runs: Run[] = [];
  let removed = '';
  let added = '';
  const flush = () => {
    if (removed !== '') runs.push({ change: 'removed', text: removed });
    if (added !== '') runs.push({ change: 'added', text: added });
    removed = '';
    added = '';
  };
  for (const { change, text } of pieces) {
    if (change === 'removed') removed += text;
    else if (change === 'added') added += text;
    else {
      flush();
      const last = runs.at(-1);
      if (last?.change === 'same') last.text += text;
      else runs.push({ change, text });
    }
  }
  flush();
  return runs;
}

function withoutChance(runs: readonly Run[]): Run[] {
  const pieces = runs.flatMap((run, index): Run[] => {
    const between = index > 0 && index < runs.length - 1;
    if (!between || !isChance(run)) return [run];
    return [
      { change: 'removed', text: run.text },
      { change: 'added', text: run.text },
    ];
  });
  return gather(pieces);
}

/** What became of a text, word by word. */
export function wordDiff(before: string, after: string): Run[] {
  const [a, b] = [piecesOf(before), piecesOf(after)];
  const start = alike(a, b, 0, 0);
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middleA = a.slice(start, a.length - end);
  const middleB = b.slice(start, b.length - end);
  const trace = search(middleA, middleB);
  const middle: Run[] =
    trace === null
      ? [
          { change: 'removed', text: middleA.join('') },
          { change: 'added', text: middleB.join('') },
        ]
      : withoutChance(gather(walkBack(middleA, middleB, trace).toReversed()));
  return gather([
    { change: 'same', text: a.slice(0, start).join('') },
    ...middle,
    { change: 'same', text: a.slice(a.length - end).join('') },
  ]).filter((run) => run.text !== '');
}
