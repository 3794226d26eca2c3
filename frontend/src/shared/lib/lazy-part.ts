import { createElement, useEffect, useSyncExternalStore, type ComponentType, type ReactNode } from 'react';

const soon: (() => Promise<void>)[] = [];

/** Fetches what most conversations want, while nothing is in sight that does. */
export async function loadSoon(): Promise<void> {
  await Promise.all(soon.map((load) => load()));
}

/**
 * A piece of the page that is fetched when it is first wanted, or by `loadSoon`; null until then, and
 * where it cannot be fetched.
 */
export function lazyPart<T>(fetch: () => Promise<T>, common = false): (wanted: boolean) => T | null {
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
  if (common) soon.push(load);
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

/** A component of such a piece, for where it is in the page only when it is wanted. */
export function partPlace<T, P extends object>(
  usePart: (wanted: boolean) => T | null,
  pick: (part: T) => ComponentType<P>,
): (props: P) => ReactNode {
  return (props) => {
    const part = usePart(true);
    return part === null ? null : createElement(pick(part), props);
  };
}
