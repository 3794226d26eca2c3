/** How a key is written together with the one that commands: ⌘ on a Mac, Ctrl elsewhere. */
export function shortcut(key: string): string {
  return /Mac|iPhone|iPad/.test(navigator.userAgent) ? `⌘${key}` : `Ctrl ${key}`;
}
