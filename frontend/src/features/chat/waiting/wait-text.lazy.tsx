import { useEffect, useRef, useState } from 'react';

import { spell, waitingTexts } from '../../../shared/i18n/waiting-texts';
import { announce } from '../../../shared/lib/announcer';
import { LinkButton } from '../../../shared/ui/link-button';
import { Waiting } from '../components/message-styles';
import { stop } from '../stream/turns';
import type { Turn } from '../stream/turn';
import type { Stage, Wait } from './stage';
import { useSeconds } from './use-seconds';

/** So often, in seconds, a screen reader hears where one stands in the queue. */
const quiet = 15;

/** Silence for so many seconds is worth a word, and a way out. */
const patience = 12;

function placeText({ position = 1, ahead_s: ahead, paused }: Wait): string {
  const place = waitingTexts.place(position);
  const whole = ahead === undefined ? place : waitingTexts.placeAbout(place, Math.max(ahead, 1));
  return paused === true ? waitingTexts.paused(whole) : whole;
}

function retryText(wait: Wait, gone: number): string {
  const left = (wait.retry_s ?? 0) - gone;
  const [next, all] = [wait.try ?? 2, wait.tries ?? 3];
  if (left <= 0) return waitingTexts.retrying(next, all);
  return waitingTexts.retry(wait.code === 'upstream_rate_limited', left, next, all);
}

interface Props {
  turn: Turn;
  stage: Stage;
  /** When the stage was seen to begin. */
  since: number;
  /** What it is called as long as it takes no longer than usual. */
  usual: string;
}

/** Why nothing can be read yet, and for how long. Its reader is told each stage once, and then when it takes long. */
export function WaitText({ turn, stage, since, usual }: Props) {
  const { wait } = stage;
  if (wait === undefined) return <Silence turn={turn} stage={stage} since={since} usual={usual} />;
  return (
    <Waiting data-testid="waiting" data-stage="queue">
      {wait.retry_s === undefined ? <Place wait={wait} /> : <Retry key={`${wait.try ?? 0}`} wait={wait} />}
    </Waiting>
  );
}

/** What the person asked for counts from then on, what an agent does on its own from where that begins. */
function beginOf(turn: Turn, stage: Stage, since: number): number {
  const own = stage.at === 'tool' || stage.key !== stage.at;
  return own ? since : Date.parse(turn.startedAt);
}

function Silence({ turn, stage, since, usual }: Props) {
  const seconds = Math.max(useSeconds(beginOf(turn, stage, since)), 0);
  const long = seconds >= patience && stage.at !== 'queue';
  const tool = stage.tool ?? '';
  const name = stage.at === 'tool' ? waitingTexts.calling(tool) : usual;
  const still = stage.at === 'queue' ? '' : waitingTexts.still[stage.at](spell(seconds), tool);
  const stoppable = turn.messageId !== null && !turn.stopping;
  const spoken = useRef('');
  useEffect(() => {
    spoken.current = stoppable ? `${still} ${waitingTexts.stopSpoken}` : still;
  });
  useEffect(() => {
    announce(long ? spoken.current : name);
  }, [long, name]);
  // A tool that runs is seen to run where it stands.
  if (!long)
    return stage.at === 'tool' ? null : (
      <Waiting data-testid="waiting" data-stage={stage.at}>
        {name}
      </Waiting>
    );
  return (
    <Waiting data-testid="waiting" data-stage={stage.at}>
      <span>
        <span data-testid="still-waiting">{still}</span>
        {stoppable && (
          <>
            {' '}
            {waitingTexts.choice}{' '}
            <LinkButton type="button" onClick={() => void stop(turn.key)} data-testid="stop-waiting">
              {waitingTexts.stop}
            </LinkButton>
            .
          </>
        )}
      </span>
    </Waiting>
  );
}

function Place({ wait }: { wait: Wait }) {
  const words = placeText(wait);
  const told = useRef({ at: 0, position: 0 });
  useEffect(() => {
    const now = Date.now();
    if (told.current.position === wait.position || now - told.current.at < quiet * 1000) return;
    told.current = { at: now, position: wait.position ?? 0 };
    announce(words);
  }, [wait.position, words]);
  return <span data-testid="queue-place">{words}</span>;
}

function Retry({ wait }: { wait: Wait }) {
  // Each try is a component of its own.
  const [since] = useState(() => Date.now());
  const words = retryText(wait, useSeconds(since));
  const spoken = retryText(wait, 0);
  useEffect(() => {
    announce(spoken);
  }, [spoken]);
  return <span data-testid="retry-wait">{words}</span>;
}
