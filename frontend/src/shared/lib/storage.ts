export const prefix = 'chatbot.';

/** Storage may be blocked or full: then the page works on, it only forgets. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

/** The rest of every key that begins so. */
export function storedKeys(beginning: string): string[] {
  try {
    const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '');
    return keys
      .filter((key) => key.startsWith(prefix + beginning))
      .map((key) => key.slice(prefix.length + beginning.length));
  } catch {
    return [];
  }
}

/** Forgets everything whose key begins so. */
export function forgetStored(beginning: string): void {
  for (const key of storedKeys(beginning)) writeStored(beginning + key, null);
}

export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
  } catch {
    // Nothing to do: what is typed stays in memory.
  }
}
