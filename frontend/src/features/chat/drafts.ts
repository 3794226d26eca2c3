import { readStored, writeStored } from '../../shared/lib/storage';
import { createStore, useStore } from '../../shared/lib/store';

/** The text that waits in the composer, per chat; `new` is the chat that has not begun. */
export const newChat = 'new';

const drafts = createStore<Readonly<Record<string, string>>>(() => ({}));

export function readDraft(key: string): string {
  return drafts.getState()[key] ?? readStored(`draft.${key}`) ?? '';
}

export function writeDraft(key: string, value: string): void {
  drafts.setState({ [key]: value });
  writeStored(`draft.${key}`, value === '' ? null : value);
}

/** Gives back a text that could not be sent, before whatever has been typed since. */
export function giveBack(key: string, text: string): void {
  const typed = readDraft(key);
  writeDraft(key, typed === '' ? text : `${text}\n${typed}`);
}

export function useDraft(key: string): string {
  return useStore(drafts, (state) => state[key]) ?? readStored(`draft.${key}`) ?? '';
}
