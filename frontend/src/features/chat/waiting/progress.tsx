import { useEffect, useState } from 'react';

import type { Part } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { lazyPart } from '../../../shared/lib/lazy-part';
import { nameOf, useEndpoints } from '../../models/choice';
import { Waiting } from '../components/message-styles';
import type { Turn } from '../stream/turn';
import { stageOf, type Stage } from './stage';

const useWaitText = lazyPart(() => import('./wait-text.lazy'));

/** A stage that is over sooner needs no more than a glance. */
const glance = 1500;

/** A longer name says less than it takes room. */
const mostName = 32;

function useModel(turn: Turn): string {
  const endpoints = useEndpoints();
  const name = turn.model === null ? '' : nameOf(endpoints, turn.model);
  return name === '' || name.length > mostName ? text.message.theModel : name;
}

function usual(stage: Stage, model: string): string {
  if (stage.at === 'server') return text.message.sending;
  return stage.at === 'model' ? text.message.connecting(model) : text.message.thinking;
}

interface Props {
  turn: Turn;
  /** The length of its text. */
  said: number;
  parts: readonly Part[];
}

/** What a reply does while there is nothing new to read. */
export function Progress({ turn, said, parts }: Props) {
  const stage = stageOf(turn, parts, said);
  if (turn.phase === 'retrying') return <Waiting data-testid="reconnecting">{text.message.reconnecting}</Waiting>;
  return stage === null ? null : <Standstill key={stage.key} turn={turn} stage={stage} />;
}

function Standstill({ turn, stage }: { turn: Turn; stage: Stage }) {
  const [since] = useState(() => Date.now());
  const [lasts, setLasts] = useState(stage.at === 'queue');
  const words = useWaitText(lasts);
  const name = usual(stage, useModel(turn));
  useEffect(() => {
    const timer = setTimeout(() => {
      setLasts(true);
    }, glance);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  if (lasts && words !== null) return <words.WaitText turn={turn} stage={stage} since={since} usual={name} />;
  // A tool that runs is seen to run where it stands.
  if (stage.at === 'tool' || stage.at === 'queue') return null;
  return (
    <Waiting data-testid="waiting" data-stage={stage.at}>
      {name}
    </Waiting>
  );
}
