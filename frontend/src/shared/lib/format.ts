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

export function formatMoment(iso: string): string {
  return formatDate(dayAndTime, iso);
}

export function formatDay(iso: string): string {
  return formatDate(dayOnly, iso);
}
