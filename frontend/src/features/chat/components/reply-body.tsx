import { useRef, type ComponentProps } from 'react';

import type { Message, Part } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { formatDuration } from '../../../shared/lib/format';
import { emptyDocument, type Document } from '../../markdown/document';
import { Written } from '../../markdown/written';
import { ownText } from '../can-go-on';
import { lazyPart, partPlace } from '../../../shared/lib/lazy-part';
import { placed } from '../parts/part-list';
import { documentFor } from '../stream/documents';
import type { LiveWords } from '../stream/stream-store';
import type { Turn } from '../stream/turn';
import { useNear } from '../use-near';
import { Progress } from '../waiting/progress';
import { ReasoningBox } from './message-styles';

const none: readonly Part[] = [];

const useSteps = lazyPart(() => import('../parts/steps.lazy'));
const useGenie = lazyPart(() => import('../../genie/genie.lazy'));
const GenieReason = partPlace(useGenie, (part) => part.GenieReason);
const GenieResult = partPlace(useGenie, (part) => part.GenieResult);

interface Props {
  message: Message;
  question: string;
  turn: Turn | null;
  live: LiveWords | null;
  eager: boolean;
  /** Answers what an agent asks for; null: not now. */
  onAnswer: ((partId: string, approve: boolean) => void) | null;
}

export function ReplyBody({ message, question, turn, live, eager, onAnswer }: Props) {
  const place = useRef<HTMLDivElement | null>(null);
  const near = useNear(place, eager || turn !== null);
  const words = live === null || turn === null ? ownText(message) : live.content;
  const all = placed(live === null || turn === null ? message.parts : live.parts);
  const asked = all.find((part) => part.kind === 'genie');
  const parts = asked === undefined ? all : all.filter((part) => part !== asked);
  const stored = near && turn === null ? documentFor(words) : emptyDocument;
  const reasoning = live?.reasoning ?? message.reasoning ?? '';
  const shown = turn === null ? stored : (live?.document ?? emptyDocument);
  const silent = words === '' && all.length === 0;
  const tail = turn === null ? null : shown;
  return (
    <div ref={place} data-testid="reply-body">
      {reasoning !== '' && (
        <Reasoning
          words={reasoning}
          thinking={turn !== null && silent}
          seconds={turn === null ? message.metrics?.reasoningTime : null}
        />
      )}
      {near && asked !== undefined && (
        <GenieReason message={message} part={asked} question={question} running={turn !== null} />
      )}
      {near && parts.length > 0 && (
        <StepsPlace words={words} parts={parts} tail={tail} onAnswer={onAnswer} otherwise={shown} />
      )}
      {(!near || parts.length === 0) && <Written words={words} document={near ? shown : null} />}
      {near && asked !== undefined && <GenieResult message={message} part={asked} running={turn !== null} />}
      {turn !== null && (
        <Progress
          turn={turn}
          said={reasoning === '' ? words.length : Math.max(words.length, 1)}
          parts={live?.parts ?? message.parts ?? none}
        />
      )}
    </div>
  );
}

type Steps = typeof import('../parts/steps.lazy');

function StepsPlace({ otherwise, ...props }: ComponentProps<Steps['Steps']> & { otherwise: Document }) {
  const part = useSteps(true);
  return part === null ? <Written words={props.words} document={otherwise} /> : <part.Steps {...props} />;
}

function Reasoning({
  words,
  thinking,
  seconds,
}: {
  words: string;
  thinking: boolean;
  seconds: number | null | undefined;
}) {
  const known = typeof seconds === 'number' && seconds >= 0.05;
  const title = known ? text.message.thoughtFor(formatDuration(seconds)) : text.message.reasoning;
  return (
    <ReasoningBox data-testid="reasoning" data-live={thinking}>
      <summary>{thinking ? text.message.reasoningLive : title}</summary>
      <div>{words}</div>
    </ReasoningBox>
  );
}
