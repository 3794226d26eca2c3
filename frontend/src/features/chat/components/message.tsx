import { Sparkle } from 'lucide-react';
import { memo } from 'react';

import type { Endpoint, Message, Source } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { formatMoment } from '../../../shared/lib/format';
import { nameOf } from '../../models/choice';
import { useLiveWords } from '../stream/stream-store';
import type { Turn } from '../stream/turn';
import { MessageActions } from './message-actions';
import { Article, Footer, Header } from './message-styles';
import { Question } from './question';
import { ReplyBody } from './reply-body';
import { ReplyNote } from './reply-note';
import { lazyPart, partPlace } from '../../../shared/lib/lazy-part';

const none: readonly Source[] = [];
const Sources = partPlace(
  lazyPart(() => import('./sources.lazy')),
  (part) => part.Sources,
);

export interface MessageProps {
  message: Message;
  turn: Turn | null;
  question: string;
  /** Position on the page, for tests. */
  index: number;
  /** Old messages are parsed when they come near. */
  eager: boolean;
  busy: boolean;
  endpoints: readonly Endpoint[];
  /** Nothing follows it: a reply that was cut can go on. */
  last: boolean;
  acts: MessageActs;
}

/** What a person can have done with a message. */
export interface MessageActs {
  regenerate: (message: Message, question: string, model?: string) => void;
  edit: (message: Message, content: string) => void;
  goOn: (message: Message) => void;
  answer: (message: Message, partId: string, approve: boolean) => void;
}

export const MessageView = memo(function MessageView(props: MessageProps) {
  const { message, index, eager, busy, acts } = props;
  return message.role === 'user' ? (
    <Question message={message} index={index} eager={eager} busy={busy} onEdit={acts.edit} />
  ) : (
    <Reply {...props} />
  );
});

function Reply({ message, turn, question, index, eager, busy, endpoints, last, acts }: MessageProps) {
  const live = useLiveWords(turn?.key ?? null);
  const model = turn?.model ?? message.model ?? '';
  const known = message.sources ?? none;
  const name = model === '' ? text.message.fallbackModel : nameOf(endpoints, model);
  return (
    <Article
      data-testid={`message-${index}`}
      data-role="assistant"
      data-message={message.message_id}
      tabIndex={-1}
      data-status={turn === null ? (message.status ?? 'complete') : 'streaming'}
      data-live={turn !== null || eager}
      aria-label={text.message.assistant(name)}
      aria-busy={turn !== null}
    >
      <Header title={formatMoment(message.timestamp)}>
        <Sparkle size={17} fill="currentColor" aria-hidden />
        <h2>{name}</h2>
      </Header>
      <ReplyBody
        message={message}
        question={question}
        turn={turn}
        live={live}
        eager={eager}
        onAnswer={
          last && !busy
            ? (partId, approve) => {
                acts.answer(message, partId, approve);
              }
            : null
        }
      />
      {turn !== null && <Footer aria-hidden />}
      {turn === null && (
        <>
          {known.length > 0 && <Sources sources={known} />}
          <ReplyNote
            message={message}
            busy={busy}
            last={last}
            onRetry={() => {
              acts.regenerate(message, question);
            }}
            onContinue={() => {
              acts.goOn(message);
            }}
          />
          <MessageActions
            message={message}
            busy={busy}
            several={endpoints.length > 1}
            onRegenerate={(other) => {
              acts.regenerate(message, question, other);
            }}
          />
        </>
      )}
    </Article>
  );
}
