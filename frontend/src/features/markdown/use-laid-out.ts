import { useEffect, useRef, type RefObject } from 'react';

const mark = 'data-laid';

function childOf(parent: Element, node: Node): Element | null {
  let at: Node | null = node;
  while (at !== null && at.parentNode !== parent) at = at.parentNode;
  return at instanceof Element ? at : null;
}

function isOutOfSight(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom < 0 || top > window.innerHeight;
}

/**
 * Marks the children that are whole once they have been laid out and are out of sight: only then the
 * browser knows how much room to keep for them where it does not paint them. What changes there later,
 * by a label that turns up behind it, is laid out anew. `unfinished`: of the last children, those that
 * may still grow.
 */
export function useLaidOut(parent: RefObject<Element | null>, grows: boolean, unfinished: number) {
  const watched = useRef(0);
  const sight = useRef<IntersectionObserver | null>(null);

  useEffect(() => {
    const element = parent.current;
    if (!grows || element === null) return undefined;
    // It is called behind the layout of what it looks at, and for the first time in the same frame.
    const leaving = new IntersectionObserver((entries, observer) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) continue;
        target.toggleAttribute(mark, true);
        observer.unobserve(target);
      }
    });
    const changing = new MutationObserver((records) => {
      for (const child of new Set(records.map((record) => childOf(element, record.target)))) {
        if (child?.hasAttribute(mark) !== true || !isOutOfSight(child)) continue;
        child.removeAttribute(mark);
        leaving.observe(child);
      }
    });
    sight.current = leaving;
    watched.current = 0;
    changing.observe(element, { childList: true, characterData: true, subtree: true });
    return () => {
      leaving.disconnect();
      changing.disconnect();
    };
  }, [parent, grows]);

  useEffect(() => {
    if (!grows || parent.current === null) return;
    const whole = [...parent.current.children].slice(watched.current, -unfinished || undefined);
    for (const child of whole) sight.current?.observe(child);
    watched.current += whole.length;
  });
}
