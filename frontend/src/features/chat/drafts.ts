import { readStored, storedKeys, writeStored } from '../../shared/lib/storage';
import { createStore, useStore } from '../../shared/lib/store';

/** The text that waits in the composer, per chat; `new` is the chat that has not begun. */
export const newChat = 'new';

const drafts = createStore<Readonly<Record<string, string>>>(() => ({}));

/** Texts that the server does not have yet, with the moment of the last key: what is typed is never taken away. */
const unsaved = 'unsaved.';

export function readDraft(key: string): string {
  return drafts.getState()[key] ?? readStored(`draft.${key}`) ?? '';
}

function keep(key: string, value: string): void {
  drafts.setState({ [key]: value });
  writeStored(`draft.${key}`, value === '' ? null : value);
}

/** Texts that somebody has typed on this page and that are not saved yet. */
const typedHere = new Set<string>();
const writers = new Set<(key: string) => void>();

/** Hears of each text that somebody has changed here. */
export function onWritten(writer: (key: string) => void): void {
  writers.add(writer);
}

export function writeDraft(key: string, value: string): void {
  if (value === readDraft(key)) return;
  keep(key, value);
  writeStored(unsaved + key, String(Date.now()));
  typedHere.add(key);
  for (const writer of writers) writer(key);
}

/** When a text was changed that the server does not have yet; null: it has it. */
export function unsavedSince(key: string): number | null {
  const moment = readStored(unsaved + key);
  return moment === null ? null : Number(moment);
}

export function unsavedKeys(): string[] {
  return storedKeys(unsaved);
}

/** The server has this text; if somebody has typed on meanwhile, it does not have all of it. */
export function markSaved(key: string, value: string): void {
  if (readDraft(key) === value) forgetUnsaved(key);
}

function forgetUnsaved(key: string): void {
  typedHere.delete(key);
  writeStored(unsaved + key, null);
}

/**
 * A text from another device. Shown only where nobody is typing; of what an earlier visit could not
 * save, the newer text wins.
 */
export function adopt(key: string, value: string, updated: number): void {
  const since = unsavedSince(key);
  if (typedHere.has(key) || (since !== null && since >= updated)) return;
  forgetUnsaved(key);
  keep(key, value);
}

/** Another tab of this browser has written: its text is in the storage that both share. */
export function reread(key: string): void {
  if (drafts.getState()[key] !== undefined) drafts.setState({ [key]: readStored(`draft.${key}`) ?? '' });
}

/** Gives back a text that could not be sent, before whatever has been typed since. */
export function giveBack(key: string, text: string): void {
  const typed = readDraft(key);
  writeDraft(key, typed === '' ? text : `${text}\n${typed}`);
}

export function useDraft(key: string): string {
  return useStore(drafts, (state) => state[key]) ?? readStored(`draft.${key}`) ?? '';
}
