import { useEffect, useId, useRef, useState } from 'react';

import { genieText } from '../../shared/i18n/genie';
import { formatCount } from '../../shared/lib/format';
import { extremes, longNumber, pointsOf, runsOf, shortNumber, ticksOf, type ChartPlan, type Point } from './chart';
import type { Result } from './result';
import { Plot } from './styles';

const narrowest = 260;

/** The width that there is for it: text keeps its size, whatever the screen. */
function useWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement | null>(null);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const box = ref.current;
    if (box === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(narrowest, Math.floor(entry.contentRect.width)));
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
    };
  }, []);
  return [ref, width];
}

function cut(label: string, room: number): string {
  const most = Math.max(4, Math.floor(room / 6.6));
  return label.length > most ? `${label.slice(0, most - 1)}…` : label;
}

interface Drawing {
  points: readonly Point[];
  width: number;
  titleId: string;
  descId: string;
  title: string;
  description: string;
}

function Bars({ points, width, titleId, descId, title, description }: Drawing) {
  const row = 28;
  const longest = Math.max(...points.map((point) => point.label.length)) * 6.8 + 10;
  const left = Math.min(longest, width * 0.36);
  const right = 58;
  const ticks = ticksOf(points);
  const low = ticks[0] ?? 0;
  const high = ticks.at(-1) ?? 1;
  const x = (value: number) => left + ((value - low) / (high - low)) * (width - left - right);
  return (
    <svg
      height={points.length * row + 4}
      viewBox={`0 0 ${width} ${points.length * row + 4}`}
      role="img"
      aria-labelledby={`${titleId} ${descId}`}
    >
      <title id={titleId}>{title}</title>
      <desc id={descId}>{description}</desc>
      {points.map((point, index) => {
        const y = index * row + 4;
        const value = point.value ?? 0;
        const from = x(Math.min(0, value));
        const to = x(Math.max(0, value));
        return (
          <g key={point.label}>
            <title>{`${point.label}: ${point.value === null ? genieText.nothing : longNumber(value)}`}</title>
            <rect className="spot" x={0} y={y - 2} width={width} height={row} />
            <text className="strong" x={left - 8} y={y + 15} textAnchor="end">
              {cut(point.label, left - 10)}
            </text>
            {point.value !== null && (
              <rect className="bar" x={from} y={y + 2} width={Math.max(1, to - from)} height={row - 10} rx={3} />
            )}
            <text x={to + 6} y={y + 15}>
              {point.value === null ? genieText.nothing : shortNumber(value)}
            </text>
          </g>
        );
      })}
      <line className="zero" x1={x(0)} x2={x(0)} y1={2} y2={points.length * row + 2} />
    </svg>
  );
}

/** As many labels as fit below, all as far from each other. */
function labelled(count: number, room: number): number[] {
  const step = Math.max(1, Math.ceil(count / Math.max(2, Math.floor(room / 84))));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}

/** Days, or months where all of them are the first. */
function dayOf(points: readonly Point[]): (label: string) => string {
  const months = points.every((point) => /^\d{4}-\d{2}-01/.test(point.label));
  return (label) => label.slice(0, months ? 7 : 10);
}

function Curve({ points, width, titleId, descId, title, description }: Drawing) {
  const height = 240;
  const [left, right, top, bottom] = [48, 14, 10, 26];
  const ticks = ticksOf(points);
  const low = ticks[0] ?? 0;
  const high = ticks.at(-1) ?? 1;
  const x = (index: number) => left + (index / Math.max(1, points.length - 1)) * (width - left - right);
  const y = (value: number) => height - bottom - ((value - low) / (high - low)) * (height - top - bottom);
  const at = (index: number) => `${x(index).toFixed(1)},${y(points[index]?.value ?? 0).toFixed(1)}`;
  const dots = points.length <= 60;
  const day = dayOf(points);
  return (
    <svg height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={`${titleId} ${descId}`}>
      <title id={titleId}>{title}</title>
      <desc id={descId}>{description}</desc>
      {ticks.map((tick) => (
        <g key={tick}>
          <line className={tick === 0 ? 'zero' : 'grid'} x1={left} x2={width - right} y1={y(tick)} y2={y(tick)} />
          <text x={left - 8} y={y(tick) + 4} textAnchor="end">
            {shortNumber(tick)}
          </text>
        </g>
      ))}
      {labelled(points.length, width - left - right).map((index) => (
        <text
          key={index}
          x={x(index)}
          y={height - 6}
          textAnchor={index === 0 ? 'start' : index === points.length - 1 ? 'end' : 'middle'}
        >
          {day(points[index]?.label ?? '')}
        </text>
      ))}
      {runsOf(points).map((run) => (
        <polyline key={run[0]} className="curve" points={run.map(at).join(' ')} />
      ))}
      {points.map(
        (point, index) =>
          point.value !== null && (
            <g key={point.label}>
              <title>{`${point.label}: ${longNumber(point.value)}`}</title>
              <rect className="spot" x={x(index) - 6} y={top} width={12} height={height - top - bottom} />
              {dots && <circle className="dot" cx={x(index)} cy={y(point.value)} r={3.5} />}
            </g>
          ),
      )}
    </svg>
  );
}

/** A chart of one measure; the table beside it says the same to everybody. */
export function Chart({ result, plan }: { result: Result; plan: ChartPlan }) {
  const [place, width] = useWidth();
  const [measure, setMeasure] = useState(plan.measures[0] ?? 0);
  const id = useId();
  const points = pointsOf(result, plan, measure);
  const nameOf = (index: number) => result.columns[index]?.name ?? '';
  const ends = extremes(points);
  const title = genieText.bars(nameOf(measure), nameOf(plan.by));
  const description =
    ends === null
      ? ''
      : genieText.described(
          formatCount(points.length),
          ends.most.label,
          longNumber(ends.most.value ?? 0),
          ends.least.label,
          longNumber(ends.least.value ?? 0),
        );
  const drawing = { points, width, title, description, titleId: `${id}t`, descId: `${id}d` };
  return (
    <Plot ref={place} data-testid="genie-chart" data-kind={plan.kind}>
      {plan.measures.length > 1 && (
        <label>
          {genieText.measure}
          <select
            value={measure}
            onChange={(event) => {
              setMeasure(Number(event.target.value));
            }}
          >
            {plan.measures.map((index) => (
              <option key={index} value={index}>
                {nameOf(index)}
              </option>
            ))}
          </select>
        </label>
      )}
      {plan.kind === 'bars' ? <Bars {...drawing} /> : <Curve {...drawing} />}
    </Plot>
  );
}
