import { useEffect, useRef } from 'react';

import { text } from '../../shared/i18n/messages';
import { useLocation, useSearchParams } from '../../shared/lib/router';
import { toast } from '../../shared/ui/toasts';
import type { Row } from './rows';

/** How long the message that was looked for stays marked. */
const marked = 2600;
/** Messages get their real height as they come near: so long the place is looked for again. */
const settling = 700;

function placeOf(messageId: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-message="${CSS.escape(messageId)}"]`);
}

/** Keeps an element in the middle until all around it has its height, or the reader scrolls. */
function bringIntoSight(element: HTMLElement): () => void {
  const until = performance.now() + settling;
  let frame = 0;
  const stop = () => {
    cancelAnimationFrame(frame);
    for (const name of ['wheel', 'touchstart', 'keydown'] as const) window.removeEventListener(name, stop);
  };
  const look = () => {
    element.scrollIntoView({ block: element.offsetHeight > window.innerHeight / 2 ? 'start' : 'center' });
    if (performance.now() < until) frame = requestAnimationFrame(look);
    else stop();
  };
  for (const name of ['wheel', 'touchstart', 'keydown'] as const)
    window.addEventListener(name, stop, { passive: true });
  look();
  return stop;
}

/** Goes to the message that the address names, marks it for a moment and gives it the focus. */
export function useJump(rows: readonly Row[] | null, settled: boolean, letGo: () => void): void {
  const [params] = useSearchParams();
  const { key } = useLocation();
  const wanted = params.get('m');
  const done = useRef('');
  useEffect(() => {
    if (wanted === null || rows === null || done.current === key) return;
    const element = placeOf(wanted);
    // What is shown may be older than what was found.
    if (element === null && !settled) return;
    done.current = key;
    if (element === null) {
      toast(text.chat.gone);
      return;
    }
    letGo();
    bringIntoSight(element);
    element.setAttribute('data-found', '');
    element.focus({ preventScroll: true });
    setTimeout(() => {
      element.removeAttribute('data-found');
    }, marked);
  }, [wanted, rows, settled, key, letGo]);
}
