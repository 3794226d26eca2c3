import { useEffect, useLayoutEffect, useRef } from 'react';

import { keepReadingPlace, readingPlace } from '../../shared/lib/reading-places';
import { useSearchParams } from '../../shared/lib/router';
import { articleOf, drift, untilSettled, type Anchor } from './anchor';
import type { useStickToBottom } from './use-stick-to-bottom';

type Stick = ReturnType<typeof useStickToBottom>;

function keepPlace(sessionId: string, anchor: Anchor | null): void {
  keepReadingPlace(sessionId, anchor === null ? null : { messageId: anchor.messageId, offset: anchor.offset });
}

/** A chat opens where it was left in this tab; one that is new here at its end. */
export function useReadingPlace(sessionId: string | null, shown: boolean, stick: Stick): void {
  const { scroller, toEnd, letGo, place } = stick;
  const [params] = useSearchParams();
  const jumps = params.get('m') !== null;
  const opened = useRef<string | null>(null);

  useLayoutEffect(() => {
    if (sessionId === null) {
      toEnd();
      return undefined;
    }
    if (readingPlace(sessionId) === null) toEnd();
    else letGo();
    const leave = () => {
      // What was never shown was not left anywhere.
      if (opened.current === sessionId) keepPlace(sessionId, place());
    };
    window.addEventListener('pagehide', leave);
    return () => {
      leave();
      opened.current = null;
      window.removeEventListener('pagehide', leave);
    };
  }, [sessionId, toEnd, letGo, place]);

  useEffect(() => {
    if (sessionId === null || !shown || opened.current === sessionId) return;
    opened.current = sessionId;
    const before = readingPlace(sessionId);
    if (before === null || jumps) return;
    const element = articleOf(before.messageId);
    if (element === null) {
      toEnd();
      return;
    }
    const anchor = { ...before, element };
    untilSettled(() => {
      const view = scroller.current;
      if (view !== null) view.scrollTop += drift(view, anchor);
    });
  }, [sessionId, shown, jumps, scroller, toEnd]);
}
