/** What is typed, cut into words, phrases and operators as the server reads them. */
const token = /-?"[^"]*"?|\S+/g;
const operator = /^(in|from|rating|after|before):(\S*)$/;

export type OperatorName = 'in' | 'from' | 'rating' | 'after' | 'before';

function tokens(query: string): string[] {
  return query.match(token) ?? [];
}

/** The value of an operator, the last one if it stands there twice. */
export function operatorIn(query: string, name: OperatorName): string | null {
  const values = tokens(query)
    .map((one) => operator.exec(one))
    .filter((match) => match?.[1] === name);
  return values.at(-1)?.[2] ?? null;
}

/** Sets an operator, or takes it away where it already has this value. */
export function toggleOperator(query: string, name: OperatorName, value: string): string {
  const had = operatorIn(query, name) === value;
  const others = tokens(query).filter((one) => operator.exec(one)?.[1] !== name);
  const next = had ? others : [...others, `${name}:${value}`];
  return next.join(' ') + (next.length > 0 ? ' ' : '');
}

/** Whether there is anything to look for beside filters and what is excluded. */
export function hasTerm(query: string): boolean {
  return tokens(query).some((one) => !operator.test(one) && !one.startsWith('-') && /[\p{L}\p{N}]/u.test(one));
}

/** The day so many days before another, by the reader's calendar. */
export function dayBefore(now: Date, days: number): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
