import { ArrowUp } from 'lucide-react';
import { useEffect, useState, type RefObject } from 'react';
import styled from 'styled-components';

import { readChat } from '../../../shared/api/chats';
import { reportFailure } from '../../../shared/api/query-client';
import { chatTexts } from '../../../shared/i18n/chat-texts';
import { ariaKeys } from '../../../shared/lib/shortcut';
import { toFirst } from '../message-steps.lazy';
import { Latest } from './chat-styles';

/** Beside the way to the latest message, which stays in its place. */
const Beside = styled(Latest)`
  margin-left: -46px;
`;

/** Nearer to the beginning than this many views, one is there by scrolling. */
const near = 1.5;

function isFar(sessionId: string, view: HTMLElement | null): boolean {
  if (view === null) return false;
  return (readChat(sessionId)?.before ?? null) !== null || view.scrollTop > near * view.clientHeight;
}

interface Props {
  sessionId: string;
  scroller: RefObject<HTMLDivElement | null>;
  letGo: () => void;
}

/** Leads to the very first message, while it is far away. */
export function ToFirst({ sessionId, scroller, letGo }: Props) {
  const [far, setFar] = useState(() => isFar(sessionId, scroller.current));
  useEffect(() => {
    const view = scroller.current;
    const look = () => {
      setFar(isFar(sessionId, view));
    };
    look();
    view?.addEventListener('scroll', look, { passive: true });
    return () => {
      view?.removeEventListener('scroll', look);
    };
  }, [sessionId, scroller]);
  if (!far) return null;
  return (
    <Beside
      type="button"
      aria-label={chatTexts.first}
      title={chatTexts.first}
      aria-keyshortcuts={ariaKeys('firstMessage')}
      data-testid="go-to-first"
      onClick={() => {
        if (scroller.current === null) return;
        letGo();
        toFirst(sessionId, scroller.current).catch(reportFailure);
      }}
    >
      <ArrowUp size={18} aria-hidden />
    </Beside>
  );
}
