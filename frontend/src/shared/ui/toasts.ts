import { announce } from '../lib/announcer';
import { text } from '../i18n/messages';
import { createStore, useStore } from '../lib/store';

/** Says what was just done, for a while, and offers to undo it. */
export interface Toast {
  id: number;
  text: string;
  /** What it was done to. */
  detail: string | null;
  undo: (() => void) | null;
}

/** More would cover what a person is doing. */
const most = 3;
const toasts = createStore<readonly Toast[]>(() => []);
let next = 1;

export function toast(
  words: string,
  { detail = null, undo = null }: { detail?: string | null; undo?: (() => void) | null } = {},
): void {
  const said = detail === null ? words : text.toasts.about(words, detail);
  announce(undo === null ? said : text.toasts.undoHint(said));
  toasts.setState([...toasts.getState().slice(1 - most), { id: next++, text: words, detail, undo }], true);
}

export function dismissToast(id: number): void {
  toasts.setState(
    toasts.getState().filter((one) => one.id !== id),
    true,
  );
}

export function undoToast(one: Toast): void {
  dismissToast(one.id);
  one.undo?.();
}

/** Undoes what was done last, if it still can be; false if nothing can. */
export function undoLast(): boolean {
  const last = toasts.getState().findLast((one) => one.undo !== null);
  if (last === undefined) return false;
  undoToast(last);
  return true;
}

export function useToasts(): readonly Toast[] {
  return useStore(toasts, (state) => state);
}
