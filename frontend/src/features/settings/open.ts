import { createStore, useStore } from '../../shared/lib/store';

/** What is open of the settings. */
export type Place = 'settings' | 'shortcuts';

const store = createStore<{ now: Place | null }>(() => ({ now: null }));

export function openSettings(place: Place | null): void {
  store.setState({ now: place });
}

export function useOpenSettings(): Place | null {
  return useStore(store, (state) => state.now);
}
