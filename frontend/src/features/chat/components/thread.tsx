import { Fragment, useLayoutEffect, useState, type RefObject } from 'react';

import type { Session } from '../../../shared/api/types';
import { hasEnd, newestMetrics } from '../../../shared/api/window';
import { text } from '../../../shared/i18n/messages';
import { lazyPart } from '../../../shared/lib/lazy-part';
import type { Row } from '../rows';
import { CutMark, Thread } from './chat-styles';
import { MessageView, type MessageActs } from './message';

const useEdge = lazyPart(() => import('./edge.lazy'));

/** So many of the newest messages are parsed before they are seen. */
const eagerRows = 12;

/** What was put above is in sight at once: so many of them have their real height from the start. */
const seamRows = 8;

/** Where the older messages that came last are joined to those that were there. */
function useSeam(rows: readonly Row[]): number {
  const first = rows[0]?.key;
  const [known, setKnown] = useState({ first, seam: first });
  if (known.first !== first) setKnown({ first, seam: known.first });
  return rows.findIndex((row) => row.key === known.seam);
}

interface Props {
  chat: Session | undefined;
  rows: readonly Row[];
  busy: boolean;
  acts: MessageActs;
  scroller: RefObject<HTMLDivElement | null>;
  /** Messages came or went: what is in sight is to stay there. */
  onRows: () => void;
}

/** The messages that are here, with more on either side where the chat goes on. */
export function MessageThread({ chat, rows, busy, acts, scroller, onRows }: Props) {
  const complete = chat === undefined || hasEnd(chat);
  const before = chat?.before ?? null;
  const after = chat?.after ?? null;
  const told = chat === undefined ? null : newestMetrics(chat);
  const cut = told?.contextCut === true ? told.contextFrom : null;
  const edge = useEdge(before !== null || after !== null);
  const seam = useSeam(rows);
  const isEager = (index: number) =>
    (complete && index >= rows.length - eagerRows) || (index < seam && index >= seam - seamRows);
  useLayoutEffect(onRows, [rows, onRows]);
  return (
    <Thread data-testid="messages-container">
      {edge !== null && chat !== undefined && before !== null && (
        <edge.Edge sessionId={chat.sessionId} side="before" edge={before} scroller={scroller} />
      )}
      {rows.map((row, index) => (
        <Fragment key={row.key}>
          {(index > 0 || before !== null) && row.message.message_id === cut && (
            <CutMark data-testid="context-mark">{text.message.cut}</CutMark>
          )}
          <MessageView
            message={row.message}
            turn={row.turn}
            question={row.question}
            index={index}
            eager={isEager(index)}
            busy={busy}
            last={complete && index === rows.length - 1}
            acts={acts}
          />
        </Fragment>
      ))}
      {edge !== null && chat !== undefined && after !== null && (
        <edge.Edge sessionId={chat.sessionId} side="after" edge={after} scroller={scroller} />
      )}
    </Thread>
  );
}
