const prefix = 'chatbot.';

/** Storage may be blocked or full: then the page works on, it only forgets. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

/** Forgets everything whose key begins so. */
export function forgetStored(beginning: string): void {
  try {
    const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index));
    for (const key of keys) if (key?.startsWith(prefix + beginning) === true) localStorage.removeItem(key);
  } catch {
    // Nothing is stored where storage is refused.
  }
}

export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
  } catch {
    // Nothing to do: what is typed stays in memory.
  }
}
