import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';

import { readStored, writeStored } from './storage';

export { createStore, useStore };
export type { StoreApi };

/** A store whose whole state is one JSON value that outlives the page. */
export function createPersisted<T>(key: string, initial: T, accept: (value: unknown) => boolean): StoreApi<T> {
  const store = createStore<T>(() => restore(key, initial, accept));
  store.subscribe((state) => {
    writeStored(key, typeof state === 'string' ? state : JSON.stringify(state));
  });
  return store;
}

function restore<T>(key: string, initial: T, accept: (value: unknown) => boolean): T {
  const text = readStored(key);
  if (text === null) return initial;
  try {
    const value: unknown = typeof initial === 'string' ? text : JSON.parse(text);
    return accept(value) ? (value as T) : initial;
  } catch {
    return initial;
  }
}
