/** Numbers and dates as the reader's browser writes them: no locale is named. */
const seconds = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat();
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const dayOnly = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const timeOnly = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const threeDigits = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

function formatDate(format: Intl.DateTimeFormat, iso: string | null): string {
  const date = new Date(iso ?? '');
  return Number.isNaN(date.getTime()) ? '' : format.format(date);
}

export function formatCount(value: number): string {
  return whole.format(value);
}

export function formatSeconds(value: number): string {
  return `${seconds.format(value)} s`;
}

/** "0.4 s", "12 s", "2 min 5 s" */
export function formatDuration(value: number): string {
  const rounded = Math.round(value);
  if (value < 10) return formatSeconds(value);
  return rounded < 60 ? `${rounded} s` : `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
}

/** "12 ms" of what is shorter than a second. */
export function formatShort(value: number): string {
  return value < 0.9995 ? `${Math.round(value * 1000)} ms` : formatDuration(value);
}

export function formatMoment(iso: string | null): string {
  return formatDate(dayAndTime, iso);
}

/** The least that tells a moment from others: the time today, the day this year, else the date. */
export function formatBrief(iso: string | null, now: Date): string {
  const date = new Date(iso ?? '');
  if (date.toDateString() === now.toDateString()) return formatDate(timeOnly, iso);
  return formatDate(date.getFullYear() === now.getFullYear() ? dayOfYear : dayOnly, iso);
}

/** To the second. */
export function formatInstant(iso: string | null): string {
  return formatDate(exact, iso);
}

export function formatSpeed(value: number): string {
  return threeDigits.format(value);
}
