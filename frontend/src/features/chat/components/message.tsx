import { Sparkle } from 'lucide-react';
import { memo } from 'react';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { formatMoment } from '../../../shared/lib/format';
import { VisuallyHidden } from '../../../shared/ui/visually-hidden';
import { useLiveWords } from '../stream/stream-store';
import type { Turn } from '../stream/turn';
import { MessageActions } from './message-actions';
import { Article, Bubble, Footer, Header } from './message-styles';
import { ReplyBody } from './reply-body';
import { ReplyNote } from './reply-note';
import { Sources } from './sources';

export interface MessageProps {
  message: Message;
  turn: Turn | null;
  question: string;
  /** Position on the page, for tests. */
  index: number;
  /** Old messages are parsed when they come near. */
  eager: boolean;
  busy: boolean;
  onRegenerate: (message: Message, question: string) => void;
}

export const MessageView = memo(function MessageView(props: MessageProps) {
  return props.message.role === 'user' ? <Question {...props} /> : <Reply {...props} />;
});

function Question({ message, index }: MessageProps) {
  return (
    <Article data-testid={`message-${index}`} data-role="user" data-message={message.message_id} tabIndex={-1} aria-label={text.message.you}>
      <VisuallyHidden as="h2">{text.message.you}</VisuallyHidden>
      <Bubble>{message.content}</Bubble>
    </Article>
  );
}

function Reply({ message, turn, question, index, eager, busy, onRegenerate }: MessageProps) {
  const live = useLiveWords(turn?.key ?? null);
  const model = turn?.model ?? message.model ?? '';
  const name = model === '' ? text.message.fallbackModel : model;
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
      <ReplyBody message={message} turn={turn} live={live} eager={eager} />
      {turn !== null && <Footer aria-hidden />}
      {turn === null && (
        <>
          <Sources sources={message.sources ?? []} />
          <ReplyNote message={message} busy={busy} onRetry={() => { onRegenerate(message, question); }} />
          <MessageActions message={message} busy={busy} onRegenerate={() => { onRegenerate(message, question); }} />
        </>
      )}
    </Article>
  );
}
