import { useEffect, useRef, useState } from 'react';

import { waitingTexts } from '../../../shared/i18n/waiting-texts';
import { announce } from '../../../shared/lib/announcer';
import { useSeconds } from './use-seconds';

/** What a reply waits for: a place in the queue, or another try. */
export interface Wait {
  position?: number;
  ahead_s?: number;
  paused?: boolean;
  retry_s?: number;
  try?: number;
  tries?: number;
  code?: string;
}

/** So often, in seconds, a screen reader hears where one stands in the queue. */
const quiet = 15;

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
  since: string;
  wait: Wait | null;
}

/** Why nothing has been said yet, and for how long. Its reader is told now and then, not each second. */
export function WaitText({ since, wait }: Props) {
  if (wait?.retry_s !== undefined) return <Retry key={`${wait.try ?? 0}`} wait={wait} />;
  if (wait?.position !== undefined) return <Place wait={wait} />;
  return <Still since={Date.parse(since)} />;
}

function Still({ since }: { since: number }) {
  const seconds = Math.max(useSeconds(since), 0);
  const minute = Math.floor(seconds / 60);
  const first = useRef(seconds);
  useEffect(() => {
    announce(waitingTexts.stillSpoken(minute === 0 ? Math.max(first.current, 1) : minute * 60));
  }, [minute]);
  return <span data-testid="still-waiting">{waitingTexts.still(seconds)}</span>;
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
