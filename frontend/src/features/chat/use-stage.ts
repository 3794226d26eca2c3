import { startTransition, useEffect, useState } from 'react';

import { readingPlace } from '../../shared/lib/reading-places';
import { useSearchParams } from '../../shared/lib/router';
import type { Row } from './rows';
import { beginning, found, grown, isWhole, type Range, type Shown } from './stage';

/** Between two slices: the page is painted, and takes what a person does. */
const pause = 16;

interface Place {
  sessionId: string | null;
  /** The newest messages are among the rows, or the first one. */
  hasEnd: boolean;
  hasStart: boolean;
}

interface Stage {
  range: Range;
  /** The rows that were there first are parsed and laid out at once: what is in sight keeps its place. */
  isFirst: (row: Row) => boolean;
  /** Some rows are not in the page yet. */
  partial: boolean;
}

function keysOf(rows: readonly Row[], { first, end }: Range): Shown {
  return { first: rows[first]?.key ?? '', last: rows[end - 1]?.key ?? '' };
}

/**
 * A chat opens with the messages in sight. The others that are here follow in slices, as do those
 * that come later.
 */
export function useStage(rows: readonly Row[], { sessionId, hasEnd, hasStart }: Place): Stage {
  const [params] = useSearchParams();
  const wanted = params.get('m');
  const begin = () => {
    const place = sessionId === null ? null : (wanted ?? readingPlace(sessionId)?.messageId ?? null);
    const at = place === null ? -1 : rows.findIndex((row) => row.message.message_id === place);
    const otherwise = hasEnd ? rows.length - 1 : hasStart ? 0 : Math.floor(rows.length / 2);
    return beginning(rows, at < 0 ? otherwise : at, window.innerHeight);
  };
  const anew = () => {
    const range = begin();
    return { shown: keysOf(rows, range), first: new Set(rows.slice(range.first, range.end).map((row) => row.key)) };
  };
  const [stage, setStage] = useState(anew);
  let range = found(rows, stage.shown);
  let first = stage.first;
  if (range === null) {
    const next = anew();
    setStage(next);
    range = found(rows, next.shown) ?? { first: 0, end: rows.length };
    first = next.first;
  }
  // Rows that went or came with an end are no longer, or already, in the page.
  else if (rows[range.first]?.key !== stage.shown.first || rows[range.end - 1]?.key !== stage.shown.last)
    setStage({ ...stage, shown: keysOf(rows, range) });
  const partial = !isWhole(rows, range);
  const { first: from, end } = range;
  useEffect(() => {
    if (!partial) return undefined;
    const timer = setTimeout(() => {
      const more = grown(rows, { first: from, end }, rows.length - end > from);
      startTransition(() => {
        setStage((now) => ({ ...now, shown: keysOf(rows, more) }));
      });
    }, pause);
    return () => {
      clearTimeout(timer);
    };
  }, [rows, from, end, partial]);
  return { range, isFirst: (row) => first.has(row.key), partial };
}
