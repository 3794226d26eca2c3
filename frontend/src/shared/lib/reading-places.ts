import { prefix } from './storage';

/** Where somebody reads in a chat: a message, and how far its top is below that of the view. */
export interface ReadingPlace {
  messageId: string;
  offset: number;
}

/** Each tab has its own; so many chats are remembered. */
const most = 50;
const key = `${prefix}places`;

function isPlace(value: unknown): value is ReadingPlace {
  const place = value as Partial<ReadingPlace> | null;
  return typeof place?.messageId === 'string' && typeof place.offset === 'number';
}

function restore(): Map<string, ReadingPlace> {
  try {
    const entries = Object.entries(JSON.parse(sessionStorage.getItem(key) ?? '{}') as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, ReadingPlace] => isPlace(entry[1])));
  } catch {
    return new Map();
  }
}

let places: Map<string, ReadingPlace> | undefined;

export function readingPlace(sessionId: string): ReadingPlace | null {
  places ??= restore();
  return places.get(sessionId) ?? null;
}

/** null: at the end, which needs no remembering. */
export function keepReadingPlace(sessionId: string, place: ReadingPlace | null): void {
  places ??= restore();
  places.delete(sessionId);
  if (place !== null) places.set(sessionId, place);
  const [oldest] = places.keys();
  if (places.size > most && oldest !== undefined) places.delete(oldest);
  try {
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(places)));
  } catch {
    // It is remembered as long as the page stays.
  }
}
