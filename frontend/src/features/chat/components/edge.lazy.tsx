import { useEffect, useRef, useState, type RefObject } from 'react';
import styled from 'styled-components';

import { extendMessages } from '../../../shared/api/more-messages';
import { reportFailure } from '../../../shared/api/query-client';
import type { Side } from '../../../shared/api/window';
import { chatTexts } from '../../../shared/i18n/chat-texts';
import { c } from '../../../shared/theme/theme';
import { QuietButton } from './message-styles';

/** Of one height whatever it says, so that nothing moves. */
const Line = styled.div`
  display: flex;
  align-items: center;
  justify-content: center;
  gap: 8px;
  height: 48px;
  color: ${c.fg.muted};
  font-size: 0.8125rem;
`;

interface Props {
  sessionId: string;
  side: Side;
  /** The message behind which there is more; null while some that are here are still to be shown. */
  edge: string | null;
  scroller: RefObject<HTMLDivElement | null>;
}

/** Where the messages end that are here but not the chat: brings more as it comes near. */
export function Edge({ sessionId, side, edge, scroller }: Props) {
  const line = useRef<HTMLDivElement | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const paused = edge !== null && failed === edge;

  useEffect(() => {
    const element = line.current;
    if (element === null || edge === null || paused) return undefined;
    const load = () => {
      extendMessages(sessionId, side).catch((error: unknown) => {
        reportFailure(error);
        setFailed(edge);
      });
    };
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        load();
      },
      { root: scroller.current, rootMargin: '1600px 0px' },
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [sessionId, side, edge, scroller, paused]);

  return (
    <Line ref={line} data-testid={`edge-${side}`}>
      {paused ? chatTexts.notLoaded : chatTexts.loading[side]}
      {paused && (
        <QuietButton
          type="button"
          onClick={() => {
            setFailed(null);
          }}
        >
          {chatTexts.again}
        </QuietButton>
      )}
    </Line>
  );
}
