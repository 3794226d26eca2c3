import { describe, expect, it } from 'vitest';

describe('the registry of shortcuts', () => {
  it('gives no key twice, and writes each as it is on the keyboard', async () => {
    (globalThis as { navigator: unknown }).navigator ??= { userAgent: 'node' };
    const { ariaKeys, isSingle, keysOf, shortcuts } = await import('./shortcut');
    const written = Object.values(shortcuts).map((chord) => keysOf(chord).join('+'));
    expect(new Set(written).size).toBe(written.length);
    expect(keysOf(shortcuts.newChat)).toEqual(['Ctrl', 'Shift', 'O']);
    expect(keysOf(shortcuts.previousMessage)).toEqual(['Alt', '↑']);
    expect(ariaKeys('search')).toBe('Control+K Meta+K');
    expect(
      Object.values(shortcuts)
        .filter(isSingle)
        .map(({ key }) => key),
    ).toEqual(['/', '?']);
  });
});
