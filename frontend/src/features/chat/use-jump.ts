import { useEffect, useLayoutEffect, useRef } from 'react';

import { readChat, showMessages, wantMessages } from '../../shared/api/chats';
import { reportFailure } from '../../shared/api/query-client';
import { text } from '../../shared/i18n/messages';
import { useLocation, useSearchParams } from '../../shared/lib/router';
import { toast } from '../../shared/ui/toasts';
import { articleOf, untilSettled } from './anchor';
import type { Row } from './rows';

/** How long the message that was looked for stays marked. */
const marked = 2600;

/**
 * Goes to the message that the address names, marks it for a moment and gives it the focus. Where it
 * is not among those that are there, those around it are read.
 */
export function useJump(
  sessionId: string | null,
  rows: readonly Row[] | null,
  settled: boolean,
  letGo: () => void,
): void {
  const [params] = useSearchParams();
  const { key } = useLocation();
  const wanted = params.get('m');
  const done = useRef('');
  const read = useRef('');
  useLayoutEffect(() => {
    if (sessionId === null || wanted === null || readChat(sessionId) !== undefined) return;
    wantMessages(sessionId, { around: wanted });
  }, [sessionId, wanted]);
  useEffect(() => {
    if (sessionId === null || wanted === null || rows === null || done.current === key) return;
    const element = articleOf(wanted);
    // What is shown may be older than what was found.
    if (element === null && !settled) return;
    if (element === null && read.current !== key) {
      read.current = key;
      letGo();
      showMessages(sessionId, { around: wanted }).catch(reportFailure);
      return;
    }
    done.current = key;
    if (element === null) {
      toast(text.chat.gone);
      return;
    }
    letGo();
    untilSettled(() => {
      element.scrollIntoView({ block: element.offsetHeight > window.innerHeight / 2 ? 'start' : 'center' });
    });
    element.setAttribute('data-found', '');
    element.focus({ preventScroll: true });
    setTimeout(() => {
      element.removeAttribute('data-found');
    }, marked);
  }, [sessionId, wanted, rows, settled, key, letGo]);
}
