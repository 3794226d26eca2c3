/** A message in sight, and how far its top is below that of the view. */
export interface Anchor {
  element: HTMLElement;
  messageId: string;
  offset: number;
}

function offsetOf(scroller: HTMLElement, element: HTMLElement): number {
  return element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
}

export function articlesIn(scroller: HTMLElement): HTMLElement[] {
  return [...scroller.querySelectorAll<HTMLElement>('article[data-message]')];
}

/** The first message that is not wholly above the view. They stand in order: few are looked at. */
export function anchorIn(scroller: HTMLElement): Anchor | null {
  const articles = articlesIn(scroller);
  const top = scroller.getBoundingClientRect().top;
  let low = 0;
  let high = articles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((articles[middle]?.getBoundingClientRect().bottom ?? 0) > top + 1) high = middle;
    else low = middle + 1;
  }
  const element = articles[low];
  if (element === undefined) return null;
  return { element, messageId: element.dataset.message ?? '', offset: offsetOf(scroller, element) };
}

/** By how much a message has moved from where it was. */
export function drift(scroller: HTMLElement, anchor: Anchor): number {
  return offsetOf(scroller, anchor.element) - anchor.offset;
}

export function articleOf(messageId: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`article[data-message="${CSS.escape(messageId)}"]`);
}

/** Messages get their real height as they come near: so long a place is looked for again. */
const settling = 700;

/** Repeats what brings something into sight until all around it has its height, or the reader scrolls. */
export function untilSettled(look: () => void): () => void {
  const until = performance.now() + settling;
  const events = ['wheel', 'touchstart', 'keydown', 'pointerdown'] as const;
  let frame = 0;
  const stop = () => {
    cancelAnimationFrame(frame);
    for (const name of events) window.removeEventListener(name, stop);
  };
  const step = () => {
    look();
    if (performance.now() < until) frame = requestAnimationFrame(step);
    else stop();
  };
  for (const name of events) window.addEventListener(name, stop, { passive: true });
  step();
  return stop;
}
