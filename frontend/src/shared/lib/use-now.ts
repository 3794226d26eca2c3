import { useEffect, useState } from 'react';

const interval = 60_000;

/** The time, good to a minute: what is "today" changes while a page stays open. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(new Date());
    }, interval);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}
