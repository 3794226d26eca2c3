import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

import { anchorIn, drift, type Anchor } from './anchor';

const near = 48;

interface Stick {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** The end is in sight, or is being followed. */
  atEnd: boolean;
  toEnd: () => void;
  /** The end is not followed any more: something else is to be seen. */
  letGo: () => void;
  /** Messages came or went: what was in sight stays where it was. */
  keep: () => void;
  /** What is in sight, to come back to it; null: the end. */
  place: () => Anchor | null;
}

function distance(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight;
}

/** The browser keeps its place itself when heights change above what is in sight. */
const anchors = CSS.supports('overflow-anchor', 'auto');

/**
 * Keeps the end in sight while text grows, until the reader scrolls up; takes up again when the
 * reader comes back to the end. `more`: what is below is not the end, more can be read.
 */
export function useStickToBottom(more: boolean): Stick {
  const scroller = useRef<HTMLDivElement | null>(null);
  const content = useRef<HTMLDivElement | null>(null);
  const following = useRef(true);
  const open = useRef(more);
  const anchor = useRef<Anchor | null>(null);
  const [atEnd, setAtEnd] = useState(true);

  const follow = useCallback((on: boolean) => {
    following.current = on;
    if (scroller.current !== null) scroller.current.style.overflowAnchor = on ? 'none' : 'auto';
    setAtEnd(on);
  }, []);

  const keep = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    if (following.current) element.scrollTop = element.scrollHeight;
    else if (anchor.current?.element.isConnected === true) element.scrollTop += drift(element, anchor.current);
    anchor.current = anchorIn(element);
  }, []);

  const toEnd = useCallback(() => {
    follow(true);
    keep();
  }, [follow, keep]);

  const letGo = useCallback(() => {
    follow(false);
  }, [follow]);

  const place = useCallback(() => (following.current ? null : anchor.current), []);

  useEffect(() => {
    open.current = more;
  }, [more]);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (element === null || inner === null) return undefined;
    let top = element.scrollTop;
    let way = element.scrollHeight - element.clientHeight;
    const scrolled = () => {
      // Growing text never moves the view upwards: only the reader does, and what was taken away below it.
      const shorter = element.scrollHeight - element.clientHeight < way;
      const upwards = element.scrollTop < top - 1 && !(shorter && following.current);
      top = element.scrollTop;
      way = element.scrollHeight - element.clientHeight;
      const left = distance(element);
      if (upwards) follow(left <= 1 && !open.current);
      else if (left <= near && !open.current) follow(true);
      anchor.current = anchorIn(element);
    };
    const wheel = (event: WheelEvent) => {
      if (event.deltaY < 0 && element.scrollHeight > element.clientHeight) follow(false);
    };
    const observer = new ResizeObserver(() => {
      way = element.scrollHeight - element.clientHeight;
      if (following.current || !anchors) keep();
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
  }, [follow, keep]);

  return { scroller, content, atEnd, toEnd, letGo, keep, place };
}
