import { createStore, useStore } from '../../shared/lib/store';

/** Where chats can be selected: one list at a time. */
export type SelectionPlace = 'current' | 'archived' | 'trash';

interface Selection {
  place: SelectionPlace | null;
  ids: ReadonlySet<string>;
  /** Where a range begins. */
  anchor: string | null;
}

const nothing: Selection = { place: null, ids: new Set(), anchor: null };
const store = createStore<Selection>(() => nothing);

/**
 * Takes a chat into the selection or out of it; with `range`, the chats as they are shown, all from
 * the one before to this one are taken in.
 */
export function select(place: SelectionPlace, id: string, range: readonly string[] | null = null): void {
  const now = store.getState();
  const before = now.place === place ? now : nothing;
  const ids = new Set(before.ids);
  const from = before.anchor === null ? -1 : (range?.indexOf(before.anchor) ?? -1);
  if (range !== null && from >= 0) {
    const to = range.indexOf(id);
    for (const one of range.slice(Math.min(from, to), Math.max(from, to) + 1)) ids.add(one);
  } else if (!ids.delete(id)) ids.add(id);
  store.setState({ place, ids, anchor: id });
}

export function selectAll(place: SelectionPlace, shown: readonly string[]): void {
  store.setState({ place, ids: new Set(shown), anchor: null });
}

export function leaveSelection(): void {
  store.setState(nothing);
}

/** What is selected in a list; null while nothing is being selected there. */
export function selectedIn(place: SelectionPlace, state = store.getState()): ReadonlySet<string> | null {
  return state.place === place ? state.ids : null;
}

export function useSelection(place: SelectionPlace): ReadonlySet<string> | null {
  return useStore(store, (state) => selectedIn(place, state));
}
