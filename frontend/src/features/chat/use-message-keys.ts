import type { RefObject } from 'react';

import { reportFailure } from '../../shared/api/query-client';
import { useShortcut } from '../../shared/lib/shortcut';

const steps = () => import('./message-steps.lazy');

interface Keys {
  sessionId: string | null;
  scroller: RefObject<HTMLDivElement | null>;
  letGo: () => void;
  toLatest: () => Promise<void>;
}

/** There these keys move in what is typed. */
function isTyping(): boolean {
  const field = document.activeElement;
  return (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) && field.value !== '';
}

/** The keys that go from message to message, to the first and to the latest. */
export function useMessageKeys({ sessionId, scroller, letGo, toLatest }: Keys): void {
  const to = (act: (id: string, view: HTMLElement) => Promise<void>) => (): boolean => {
    const view = scroller.current;
    if (sessionId === null || view === null || isTyping()) return false;
    letGo();
    act(sessionId, view).catch(reportFailure);
    return true;
  };
  useShortcut(
    'previousMessage',
    to(async (id, view) => (await steps()).step(id, view, -1)),
  );
  useShortcut(
    'nextMessage',
    to(async (id, view) => (await steps()).step(id, view, 1)),
  );
  useShortcut(
    'firstMessage',
    to(async (id, view) => (await steps()).toFirst(id, view)),
  );
  useShortcut('latestMessage', to(toLatest));
}
