import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

const near = 48;

interface Stick {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** The end is in sight, or is being followed. */
  atEnd: boolean;
  toEnd: () => void;
  /** The end is not followed any more: something else is to be seen. */
  letGo: () => void;
}

function distance(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight;
}

/**
 * Keeps the end in sight while text grows, until the reader scrolls up; takes up again when the
 * reader comes back to the end.
 */
export function useStickToBottom(): Stick {
  const scroller = useRef<HTMLDivElement | null>(null);
  const content = useRef<HTMLDivElement | null>(null);
  const following = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    following.current = true;
    setAtEnd(true);
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  const letGo = useCallback(() => {
    following.current = false;
  }, []);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (element === null || inner === null) return undefined;
    let top = element.scrollTop;
    const scrolled = () => {
      // Growing text never moves the view upwards: only the reader does.
      const upwards = element.scrollTop < top - 1;
      top = element.scrollTop;
      const left = distance(element);
      if (upwards) following.current = left <= 1;
      else if (left <= near) following.current = true;
      setAtEnd(following.current);
    };
    const wheel = (event: WheelEvent) => {
      if (event.deltaY < 0 && element.scrollHeight > element.clientHeight) {
        following.current = false;
        setAtEnd(distance(element) <= 1);
      }
    };
    const observer = new ResizeObserver(() => {
      if (following.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(inner);
    observer.observe(element);
    element.addEventListener('scroll', scrolled, { passive: true });
    element.addEventListener('wheel', wheel, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', scrolled);
      element.removeEventListener('wheel', wheel);
    };
  }, []);

  return { scroller, content, atEnd, toEnd, letGo };
}
