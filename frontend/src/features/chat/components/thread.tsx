import { Fragment, useLayoutEffect, useState, type RefObject } from 'react';

import type { Session } from '../../../shared/api/types';
import { hasEnd, newestMetrics } from '../../../shared/api/window';
import { text } from '../../../shared/i18n/messages';
import { useEndpoints } from '../../models/choice';
import { lazyPart } from '../../../shared/lib/lazy-part';
import type { Row } from '../rows';
import { CutMark, Thread } from './chat-styles';
import { useStage } from '../use-stage';
import { MessageView, type MessageActs } from './message';

const useEdge = lazyPart(() => import('./edge.lazy'), true);

/** So many of the newest messages are parsed before they are seen. */
const eagerRows = 12;

/** What was put above is in sight at once: so many of them have their real height from the start. */
const seamRows = 8;

interface Joint {
  /** Of the first row: those that stay keep theirs when others come or go above them. */
  number: number;
  /** Where the older messages that came last are joined to those that were there. */
  seam: number;
}

function useJoint(rows: readonly Row[]): Joint {
  const ends = { first: rows[0]?.key, last: rows.at(-1)?.key, count: rows.length };
  const [known, setKnown] = useState({ ...ends, number: 0, seam: ends.first });
  const indexOf = (key: string | undefined) => rows.findIndex((row) => row.key === key);
  if (known.first === ends.first && known.last === ends.last) {
    return { number: known.number, seam: known.seam === ends.first ? 0 : indexOf(known.seam) };
  }
  const [first, last] = [indexOf(known.first), indexOf(known.last)];
  const ofLast = known.number + known.count - 1;
  const number = first >= 0 ? known.number - first : last >= 0 ? ofLast - last : 0;
  setKnown({ ...ends, number, seam: known.first === ends.first ? known.seam : known.first });
  return { number, seam: first };
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
  const endpoints = useEndpoints();
  const edge = useEdge(before !== null || after !== null);
  const stage = useStage(rows, {
    sessionId: chat?.sessionId ?? null,
    hasEnd: complete,
    hasStart: before === null,
  });
  const { first, end } = stage.range;
  const { number, seam } = useJoint(rows);
  const isEager = (row: Row, index: number) =>
    stage.isFirst(row) || (complete && index >= rows.length - eagerRows) || (index < seam && index >= seam - seamRows);
  useLayoutEffect(onRows, [rows, first, end, onRows]);
  return (
    <Thread data-testid="messages-container" data-partial={stage.partial}>
      {edge !== null && chat !== undefined && (before !== null || first > 0) && (
        <edge.Edge sessionId={chat.sessionId} side="before" edge={stage.partial ? null : before} scroller={scroller} />
      )}
      {rows.slice(first, end).map((row, place) => (
        <Fragment key={row.key}>
          {(first + place > 0 || before !== null) && row.message.message_id === cut && (
            <CutMark data-testid="context-mark">{text.message.cut}</CutMark>
          )}
          <MessageView
            message={row.message}
            turn={row.turn}
            question={row.question}
            index={number + first + place}
            eager={isEager(row, first + place)}
            busy={busy}
            endpoints={endpoints}
            last={complete && first + place === rows.length - 1}
            acts={acts}
          />
        </Fragment>
      ))}
      {edge !== null && chat !== undefined && after !== null && (
        <edge.Edge sessionId={chat.sessionId} side="after" edge={stage.partial ? null : after} scroller={scroller} />
      )}
    </Thread>
  );
}
