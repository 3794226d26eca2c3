import { useEffect, useSyncExternalStore } from 'react';

type Highlight = typeof import('./highlight.lazy').highlight;

let loaded: Highlight | null = null;
let loading = false;
const waiting = new Set<() => void>();

async function load(): Promise<void> {
  if (loading) return;
  loading = true;
  try {
    loaded = (await import('./highlight.lazy')).highlight;
    for (const tell of waiting) tell();
  } catch {
    // Without colours code reads as well; the next block tries again.
    loading = false;
  }
}

function subscribe(tell: () => void): () => void {
  waiting.add(tell);
  return () => waiting.delete(tell);
}

/** The highlighter once it has arrived; it is fetched when the first code with a language is shown. */
export function useHighlighter(wanted: boolean): Highlight | null {
  const highlighter = useSyncExternalStore(
    subscribe,
    () => loaded,
    () => null,
  );
  useEffect(() => {
    if (wanted) void load();
  }, [wanted]);
  return wanted ? highlighter : null;
}
