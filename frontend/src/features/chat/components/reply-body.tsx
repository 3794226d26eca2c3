import { useRef } from 'react';
import styled from 'styled-components';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { emptyDocument } from '../../markdown/document';
import { Markdown } from '../../markdown/markdown';
import { ownText } from '../can-go-on';
import { documentFor } from '../stream/documents';
import type { LiveWords } from '../stream/stream-store';
import type { Turn } from '../stream/turn';
import { useNear } from '../use-near';
import { ReasoningBox, Waiting } from './message-styles';

const Plain = styled.div`
  white-space: pre-wrap;
  overflow-wrap: anywhere;
`;

interface Props {
  message: Message;
  turn: Turn | null;
  live: LiveWords | null;
  eager: boolean;
}

export function ReplyBody({ message, turn, live, eager }: Props) {
  const place = useRef<HTMLDivElement | null>(null);
  const near = useNear(place, eager || turn !== null);
  const content = turn === null ? ownText(message) : '';
  const stored = near && turn === null ? documentFor(content) : emptyDocument;
  const reasoning = live?.reasoning ?? message.reasoning ?? '';
  const shown = turn === null ? stored : (live?.document ?? emptyDocument);
  return (
    <div ref={place} data-testid="reply-body">
      {reasoning !== '' && <Reasoning words={reasoning} thinking={turn !== null && shown.blocks.length === 0} />}
      {near ? <Markdown document={shown} /> : <Plain>{content}</Plain>}
      {turn !== null && <Progress turn={turn} empty={shown.blocks.length === 0} />}
    </div>
  );
}

function Progress({ turn, empty }: { turn: Turn; empty: boolean }) {
  if (turn.phase === 'retrying') return <Waiting data-testid="reconnecting">{text.message.reconnecting}</Waiting>;
  if (!empty) return null;
  return <Waiting data-testid="waiting">{text.message.waiting}</Waiting>;
}

function Reasoning({ words, thinking }: { words: string; thinking: boolean }) {
  return (
    <ReasoningBox data-testid="reasoning">
      <summary>{thinking ? text.message.reasoningLive : text.message.reasoning}</summary>
      <div>{words}</div>
    </ReasoningBox>
  );
}
