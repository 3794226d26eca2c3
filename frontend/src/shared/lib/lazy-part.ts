import { useEffect, useSyncExternalStore } from 'react';

/** A piece of the page that is fetched when it is first wanted; null until then, and where it cannot be fetched. */
export function lazyPart<T>(fetch: () => Promise<T>): (wanted: boolean) => T | null {
  let loaded: T | null = null;
  let loading = false;
  const waiting = new Set<() => void>();
  const load = async () => {
    if (loading) return;
    loading = true;
    try {
      loaded = await fetch();
      for (const tell of waiting) tell();
    } catch {
      loading = false;
    }
  };
  const subscribe = (tell: () => void) => {
    waiting.add(tell);
    return () => waiting.delete(tell);
  };
  return (wanted) => {
    const part = useSyncExternalStore(
      subscribe,
      () => loaded,
      () => null,
    );
    useEffect(() => {
      if (wanted) void load();
    }, [wanted]);
    return part;
  };
}
