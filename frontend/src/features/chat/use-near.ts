import { useEffect, useState, type RefObject } from 'react';

/** True from the moment on at which an element comes near the part of the page in sight. */
export function useNear(place: RefObject<HTMLElement | null>, already: boolean): boolean {
  const [near, setNear] = useState(already);
  useEffect(() => {
    const element = place.current;
    if (near || element === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setNear(true);
      },
      { rootMargin: '1200px' },
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [place, near]);
  return near || already;
}
