import { useCallback, useLayoutEffect, useRef } from 'react';

/** The same function each time, which does what the one of the last rendering does: for parts that are memoised. */
export function useLatest<A extends unknown[], R>(act: (...args: A) => R): (...args: A) => R {
  const latest = useRef(act);
  useLayoutEffect(() => {
    latest.current = act;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
