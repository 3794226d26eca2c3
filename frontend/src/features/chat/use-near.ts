import { useEffect, useState, type RefObject } from 'react';

/** How far beyond what is in sight messages are made ready. */
const margin = '1200px 0px';
type Act = () => void;

const acts = new WeakMap<Element, Act>();
const waiting = new Set<Element>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Makes one of them ready; the page is painted and scrolled before the next. */
function work(): void {
  timer = undefined;
  const [element] = waiting;
  if (element === undefined) return;
  waiting.delete(element);
  acts.get(element)?.();
  if (waiting.size > 0) timer = setTimeout(work);
}

/** One that was passed by while others were made ready is left as it is. */
function seen(entries: readonly IntersectionObserverEntry[]): void {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) waiting.add(target);
    else waiting.delete(target);
  }
  if (waiting.size > 0) timer ??= setTimeout(work);
}

const observers = new WeakMap<Element | Document, IntersectionObserver>();

/** One for all messages of a view. What clips them is its root: a margin counts for no other. */
function observerIn(root: Element | null): IntersectionObserver {
  const known = observers.get(root ?? document);
  if (known !== undefined) return known;
  const observer = new IntersectionObserver(seen, { root, rootMargin: margin });
  observers.set(root ?? document, observer);
  return observer;
}

/** True from the moment on at which an element comes near the part of the page in sight. */
export function useNear(place: RefObject<HTMLElement | null>, already: boolean): boolean {
  const [near, setNear] = useState(already);
  useEffect(() => {
    const element = place.current;
    if (near || element === null) return undefined;
    const observer = observerIn(element.closest('[data-scroller]'));
    acts.set(element, () => {
      setNear(true);
    });
    observer.observe(element);
    return () => {
      observer.unobserve(element);
      waiting.delete(element);
      acts.delete(element);
    };
  }, [place, near]);
  return near || already;
}
