import { createPersisted, useStore } from '../../shared/lib/store';

const store = createPersisted<{ on: boolean }>('include-history', { on: true }, (value) => typeof value === 'object' && value !== null && typeof (value as { on?: unknown }).on === 'boolean');

export function setIncludeHistory(on: boolean): void {
  store.setState({ on });
}

export function useIncludeHistory(): boolean {
  return useStore(store, (state) => state.on);
}
