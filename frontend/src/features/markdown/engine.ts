import { useSyncExternalStore } from 'react';

type Engine = typeof import('./engine.lazy');

let engine: Engine | null = null;
let failed = false;
let loading: Promise<void> | null = null;
const waiting = new Set<() => void>();

async function load(): Promise<void> {
  try {
    engine = await import('./engine.lazy');
  } catch {
    // Replies are shown as plain text; the next visit tries again.
    failed = true;
  }
  for (const tell of waiting) tell();
}

export function loadEngine(): Promise<void> {
  loading ??= load();
  return loading;
}

/** What parses and lays out replies, once it is there. */
export function markdownEngine(): Engine | null {
  return engine;
}

function subscribe(tell: () => void): () => void {
  waiting.add(tell);
  return () => waiting.delete(tell);
}

export type EngineState = 'loading' | 'ready' | 'failed';

function state(): EngineState {
  if (engine !== null) return 'ready';
  return failed ? 'failed' : 'loading';
}

export function useEngine(): EngineState {
  return useSyncExternalStore(subscribe, state, state);
}
