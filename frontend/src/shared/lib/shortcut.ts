import { useEffect, useLayoutEffect, useRef } from 'react';

import { singleKeys } from './preferences';

interface Chord {
  /** As KeyboardEvent.key has it, in lower case. */
  key: string;
  /** With Ctrl, or ⌘ on a Mac. */
  mod?: boolean;
  shift?: boolean;
  alt?: boolean;
}

/** Every key that works wherever the focus is: what is bound, and what the sheet of shortcuts shows. */
export const shortcuts = {
  search: { key: 'k', mod: true },
  newChat: { key: 'o', mod: true, shift: true },
  focusComposer: { key: '/' },
  stop: { key: 'escape' },
  copyLast: { key: 'c', mod: true, shift: true },
  previousMessage: { key: 'arrowup', alt: true },
  nextMessage: { key: 'arrowdown', alt: true },
  firstMessage: { key: 'home', mod: true },
  latestMessage: { key: 'end', mod: true },
  toggleSidebar: { key: 'b', mod: true },
  undo: { key: 'z', mod: true },
  settings: { key: ',', mod: true },
  help: { key: '?' },
} as const satisfies Record<string, Chord>;

export type ShortcutName = keyof typeof shortcuts;

/** Does what the key stands for; false: nothing was to be done, and the key means what it usually does. */
type Act = () => boolean | void;

const names = Object.keys(shortcuts) as ShortcutName[];
/** The last one bound goes first. */
const bound = new Map<ShortcutName, Act[]>();

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const words: Readonly<Record<string, string>> = {
  escape: 'Esc',
  arrowup: '↑',
  arrowdown: '↓',
  enter: 'Enter',
  home: 'Home',
  end: 'End',
};

function wordOf(key: string): string {
  return words[key] ?? key.toUpperCase();
}

/** The keys to press together, as they are written on them. */
export function keysOf({ key, mod = false, shift = false, alt = false }: Chord): string[] {
  const held = isMac
    ? [alt ? '⌥' : '', shift ? '⇧' : '', mod ? '⌘' : '']
    : [mod ? 'Ctrl' : '', alt ? 'Alt' : '', shift ? 'Shift' : ''];
  return [...held.filter((one) => one !== ''), wordOf(key)];
}

/** How a shortcut is written in one word. */
export function shortcut(name: ShortcutName): string {
  return keysOf(shortcuts[name]).join(isMac ? '' : ' ');
}

/** For aria-keyshortcuts. */
export function ariaKeys(name: ShortcutName): string {
  const { key, mod = false, shift = false, alt = false }: Chord = shortcuts[name];
  const rest = [...(alt ? ['Alt'] : []), ...(shift ? ['Shift'] : []), wordOf(key)].join('+');
  return mod ? `Control+${rest} Meta+${rest}` : rest;
}

export function isSingle(chord: Chord): boolean {
  return chord.key.length === 1 && chord.mod !== true && chord.alt !== true;
}

function matches(event: KeyboardEvent, chord: Chord): boolean {
  if (event.key.toLowerCase() !== chord.key) return false;
  if ((event.ctrlKey || event.metaKey) !== (chord.mod === true) || event.altKey !== (chord.alt === true)) return false;
  // Where a sign stands with Shift differs from keyboard to keyboard.
  return isSingle(chord) || event.shiftKey === (chord.shift === true);
}

function isField(target: EventTarget | null): target is HTMLElement {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type)))
  );
}

/** Whether the key is the page's where it was pressed, and not that of a field or of what is open. */
function isOurs(name: ShortcutName, event: KeyboardEvent): boolean {
  const { target } = event;
  if (name === 'search') return true;
  if (name === 'undo') return !isField(target) || (target instanceof HTMLTextAreaElement && target.value === '');
  if (document.querySelector('dialog[open]:not([data-drawer])') !== null) return false;
  const chord: Chord = shortcuts[name];
  if (chord.mod === true) return true;
  if (document.querySelector(':popover-open') !== null) return false;
  if (isSingle(chord)) return singleKeys.getState().on && !isField(target);
  if (name === 'stop') return !isField(target) || target.id === 'composer';
  return !isField(target) || (target instanceof HTMLTextAreaElement && target.value === '');
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const name = names.find((one) => matches(event, shortcuts[one]));
  if (name === undefined || !isOurs(name, event)) return;
  const done = bound.get(name)?.findLast((act) => act() !== false);
  if (done !== undefined) event.preventDefault();
}

function bind(name: ShortcutName, act: Act): () => void {
  if (bound.size === 0) document.addEventListener('keydown', onKeyDown);
  bound.set(name, [...(bound.get(name) ?? []), act]);
  return () => {
    bound.set(
      name,
      (bound.get(name) ?? []).filter((other) => other !== act),
    );
  };
}

/** Those that do something on the page as it is now. */
export function boundShortcuts(): ShortcutName[] {
  return names.filter((name) => (bound.get(name) ?? []).length > 0);
}

/** While what calls this is on the page, the key does this. */
export function useShortcut(name: ShortcutName, act: Act): void {
  const latest = useRef(act);
  useLayoutEffect(() => {
    latest.current = act;
  });
  useEffect(() => bind(name, () => latest.current()), [name]);
}
