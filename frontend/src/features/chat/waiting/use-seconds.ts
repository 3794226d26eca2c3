import { useEffect, useState } from 'react';

/** Whole seconds since a time, or until it (below 0), counted while it is shown. */
export function useSeconds(time: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const tick = () => {
      setNow(Date.now());
    };
    const timer = setInterval(tick, 250);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return Math.floor((now - time) / 1000);
}
