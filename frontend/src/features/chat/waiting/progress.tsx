import { useEffect, useState } from 'react';

import type { Part } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { Waiting } from '../components/message-styles';
import { lazyPart } from '../../../shared/lib/lazy-part';
import type { Wait } from './wait-text.lazy';
import type { Turn } from '../stream/turn';

const useWaitText = lazyPart(() => import('./wait-text.lazy'));

/** Silence for so long is worth a word. */
const patience = 8000;

function useSlow(since: string): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        setSlow(true);
      },
      patience - (Date.now() - Date.parse(since)),
    );
    return () => {
      clearTimeout(timer);
    };
  }, [since]);
  return slow;
}

interface Props {
  turn: Turn;
  /** Nothing has been said yet. */
  empty: boolean;
  parts: readonly Part[] | null | undefined;
}

/** What a reply does while there is nothing to read. */
export function Progress({ turn, empty, parts }: Props) {
  const slow = useSlow(turn.startedAt);
  const wait = parts?.findLast((part) => part.kind === 'queue' && part.position !== 0) ?? null;
  const words = useWaitText(empty && (slow || wait !== null));
  if (turn.phase === 'retrying') return <Waiting data-testid="reconnecting">{text.message.reconnecting}</Waiting>;
  if (!empty) return null;
  const usual = turn.accepted ? text.message.waiting : text.message.sending;
  const told = words !== null && (slow || wait !== null);
  return (
    <Waiting data-testid="waiting">
      {told ? <words.WaitText since={turn.startedAt} wait={wait as Wait | null} /> : usual}
    </Waiting>
  );
}
