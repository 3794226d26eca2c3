import { createPersisted, useStore } from './store';

/** Whether a screen reader is given the words of a reply as it is written, or only its beginning and its end. */
const store = createPersisted<{ on: boolean }>(
  'read-aloud',
  { on: true },
  (value) => typeof value === 'object' && value !== null && typeof (value as { on?: unknown }).on === 'boolean',
);

export function setReadAloud(on: boolean): void {
  store.setState({ on });
}

export function readsAloud(): boolean {
  return store.getState().on;
}

export function useReadAloud(): boolean {
  return useStore(store, (state) => state.on);
}
