import { isLabel, numberOf, type Result } from './result';

/** What can be drawn of a result: bars of categories, or a line over time. */
export interface ChartPlan {
  kind: 'bars' | 'line';
  /** The column along which it goes, and those that can be drawn. */
  by: number;
  measures: number[];
}

export interface Point {
  label: string;
  value: number | null;
}

const mostBars = 30;
const mostPoints = 400;

/** Null where no chart suggests itself. */
export function planChart(result: Result): ChartPlan | null {
  const { columns, rows } = result;
  const measures = columns.flatMap((column, index) =>
    column.kind === 'number' && !isLabel(column) && rows.some((row) => numberOf(row[index]) !== null) ? [index] : [],
  );
  if (rows.length < 2 || measures.length === 0) return null;
  const date = columns.findIndex(
    (column, index) => (column.kind === 'date' || /^year$/i.test(column.name)) && isDistinct(result, index),
  );
  if (date >= 0 && rows.length >= 3 && rows.length <= mostPoints) return { kind: 'line', by: date, measures };
  const category = columns.findIndex(
    (column, index) => (column.kind !== 'number' || isLabel(column)) && isDistinct(result, index),
  );
  if (category >= 0 && rows.length <= mostBars) return { kind: 'bars', by: category, measures };
  return null;
}

/** Each row has a value of its own there. */
function isDistinct(result: Result, column: number): boolean {
  const seen = new Set(result.rows.map((row) => row[column] ?? null));
  return seen.size === result.rows.length && !seen.has(null);
}

/** The values of a measure; a line goes by time, bars as the result goes. */
export function pointsOf(result: Result, plan: ChartPlan, measure: number): Point[] {
  const points = result.rows.map((row): Point => ({ label: row[plan.by] ?? '', value: numberOf(row[measure]) }));
  return plan.kind === 'line'
    ? points.toSorted((a, b) => (a.label < b.label ? -1 : Number(a.label > b.label)))
    : points;
}

/** Steps of 1, 2 or 5 times a power of ten that hold all values, and zero. */
export function ticksOf(points: readonly Point[], about = 4): number[] {
  const values = points.flatMap((point) => (point.value === null ? [] : [point.value]));
  const low = Math.min(0, ...values);
  const top = Math.max(0, ...values);
  const high = top === low ? low + 1 : top;
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const long = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

export function shortNumber(value: number): string {
  return short.format(value);
}

export function longNumber(value: number): string {
  return long.format(value);
}

/** The highest and the lowest, for those who cannot see it. */
export function extremes(points: readonly Point[]): { most: Point; least: Point } | null {
  const known = points.filter((point) => point.value !== null);
  const [first] = known;
  if (first === undefined) return null;
  let most = first;
  let least = first;
  for (const point of known) {
    if ((point.value ?? 0) > (most.value ?? 0)) most = point;
    if ((point.value ?? 0) < (least.value ?? 0)) least = point;
  }
  return { most, least };
}

/** Runs of points with values, by their places: a line has a gap where there is none. */
export function runsOf(points: readonly Point[]): number[][] {
  const runs: number[][] = [];
  let run: number[] = [];
  points.forEach((point, index) => {
    if (point.value !== null) run.push(index);
    else if (run.length > 0) runs.push(run.splice(0));
  });
  if (run.length > 0) runs.push(run);
  return runs;
}
