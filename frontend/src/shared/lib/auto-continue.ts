import { createPersisted, useStore } from './store';

/** Whether replies that were cut go on without being asked. */
const store = createPersisted<{ on: boolean }>(
  'auto-continue',
  { on: false },
  (value) => typeof value === 'object' && value !== null && typeof (value as { on?: unknown }).on === 'boolean',
);

export function setAutoContinue(on: boolean): void {
  store.setState({ on });
}

export function useAutoContinue(): boolean {
  return useStore(store, (state) => state.on);
}
