/** Of long code so much is shown. */
const shown = 30;
/** Folding a few lines away would save nothing. */
const atLeastHidden = 12;

export interface Fold {
  /** The lines that stay in sight. */
  head: string;
  rest: string;
  lines: number;
}

/** Where code is folded; null if it is short enough to be shown whole. */
export function foldOf(code: string): Fold | null {
  let lines = 1;
  let end = -1;
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) {
    if (lines === shown) end = at;
    lines += 1;
  }
  if (lines < shown + atLeastHidden) return null;
  return { head: code.slice(0, end), rest: code.slice(end + 1), lines };
}
