import type { Part } from '../../../shared/api/types';

/** Parts come from other people's programs: what is no text counts as none. */
export function textOf(part: Part, name: string): string {
  const value = part[name];
  return typeof value === 'string' ? value : '';
}

/** JSON laid out, anything else as it is. */
export function layOut(text: string): { code: string; language: string | null } {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return { code: text, language: null };
  try {
    return { code: JSON.stringify(JSON.parse(trimmed), null, 2), language: 'json' };
  } catch {
    return { code: text, language: null };
  }
}

/** What arguments say in one line, for who does not open them. */
export function brief(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return text;
    return Object.values(value)
      .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
      .join(', ');
  } catch {
    return text;
  }
}
