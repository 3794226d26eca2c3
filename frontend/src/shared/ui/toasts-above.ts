import { useLayoutEffect, type RefObject } from 'react';

const property = '--toasts-above';

/** As long as it is shown, toasts rise above it: what can be pressed at the edge of the page stays free. */
export function useToastsAbove(place: RefObject<HTMLElement | null>, wanted: boolean): void {
  useLayoutEffect(() => {
    const element = place.current;
    if (!wanted || element === null) return undefined;
    const { style } = document.documentElement;
    const measure = () => {
      style.setProperty(property, `${Math.ceil(window.innerHeight - element.getBoundingClientRect().top)}px`);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    window.addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', measure);
      style.removeProperty(property);
    };
  }, [place, wanted]);
}
