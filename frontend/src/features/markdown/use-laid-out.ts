import { useEffect, useRef, type RefObject } from 'react';

const mark = 'data-laid';

/** The first frame lays out what is there now; in the second one the browser knows its height. */
function onceLaidOut(then: () => void) {
  requestAnimationFrame(() => requestAnimationFrame(then));
}

function childOf(parent: Element, node: Node): Element | null {
  let at: Node | null = node;
  while (at !== null && at.parentNode !== parent) at = at.parentNode;
  return at instanceof Element ? at : null;
}

/**
 * Marks the children that are whole once they have been laid out: only then the browser knows how much
 * room to keep for them where it does not paint them. What changes later, by a label that turns up
 * behind it, is laid out anew. `unfinished`: of the last children, those that may still grow.
 */
export function useLaidOut(parent: RefObject<Element | null>, grows: boolean, unfinished: number) {
  const marked = useRef(0);

  useEffect(() => {
    const end = (parent.current?.children.length ?? 0) - unfinished;
    if (!grows || end <= marked.current) return;
    onceLaidOut(() => {
      const children = parent.current?.children ?? [];
      for (; marked.current < end; marked.current += 1) children[marked.current]?.toggleAttribute(mark, true);
    });
  });

  useEffect(() => {
    const element = parent.current;
    if (!grows || element === null) return undefined;
    const observer = new MutationObserver((records) => {
      const changed = new Set(records.map((record) => childOf(element, record.target)));
      for (const child of changed)
        if (child?.hasAttribute(mark) === true) {
          child.removeAttribute(mark);
          onceLaidOut(() => child.toggleAttribute(mark, true));
        }
    });
    observer.observe(element, { childList: true, characterData: true, subtree: true });
    return () => {
      observer.disconnect();
    };
  }, [parent, grows]);
}
