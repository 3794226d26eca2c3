import type { Cell } from './csv';

const nothing = /^(?:|[-–—]|n\/?a|null|none)$/i;
const amount = /^\(?[~≈<>≤≥±]?([+\-−]?)\p{Sc}?([+\-−]?)(\d[\d.,'’\u00A0\u202F ]*(?:e[+-]?\d+)?)\s*(.*?)\)?$/iu;
const scales: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** A number as people write it: "1,234.5", "1.234,5", "1 234"; null if it is none. */
function readNumber(written: string): number | null {
  const digits = written.replace(/[\s'’]/g, '');
  if (/^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(digits)) return Number(digits);
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(digits)) return Number(digits.replaceAll(',', ''));
  if (/^\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})$/.test(digits))
    return Number(digits.replaceAll('.', '').replace(',', '.'));
  return /^\d+,\d+$/.test(digits) ? Number(digits.replace(',', '.')) : null;
}

function readAmount(cell: string): { value: number; unit: string } | null {
  const parts = amount.exec(cell.trim());
  const value = readNumber(parts?.[3] ?? '');
  if (parts === null || value === null) return null;
  const owed = /^\(.*\)$/.test(cell.trim());
  const negative = owed || (parts[1] ?? '') + (parts[2] ?? '') === '-' || (parts[1] ?? '') + (parts[2] ?? '') === '−';
  const unit = (parts[4] ?? '').replace(/\p{Sc}/u, '').trim();
  const scale = scales[unit];
  return { value: (negative ? -value : value) * (scale ?? 1), unit: scale === undefined ? unit : '' };
}

/** What a cell says, null where people write that there is nothing. */
export function cellOf(text: string): Cell {
  return nothing.test(text.trim()) ? null : text.trim();
}

/** How to read a column of numbers, all in one unit; null if it holds anything else. */
export function numbersOf(cells: readonly Cell[]): ((cell: string) => number | null) | null {
  const known = cells.filter((cell) => cell !== null).map(readAmount);
  const [first] = known;
  if (first === undefined || known.some((one) => one === null || one.unit !== first?.unit)) return null;
  return (cell) => readAmount(cell)?.value ?? null;
}
