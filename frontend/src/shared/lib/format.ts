const locale = 'en';
const seconds = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const dayAndTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

const dayOnly = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });

function formatDate(format: Intl.DateTimeFormat, iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? '' : format.format(date);
}

const whole = new Intl.NumberFormat(locale);

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

export function formatMoment(iso: string): string {
  return formatDate(dayAndTime, iso);
}

export function formatDay(iso: string): string {
  return formatDate(dayOnly, iso);
}
