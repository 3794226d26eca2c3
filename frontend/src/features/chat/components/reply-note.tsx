import { CornerDownRight, RotateCcw } from 'lucide-react';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { formatCount } from '../../../shared/lib/format';
import { Button } from '../../../shared/ui/button';
import { canGoOn } from '../can-go-on';
import { Note } from './message-styles';

function stoppedText({ metrics }: Message): string {
  const tokens = metrics?.completionTokens ?? 0;
  if (tokens <= 0) return text.message.stopped;
  return metrics?.estimated === true
    ? text.message.stoppedAbout(formatCount(tokens))
    : text.message.stoppedAfter(formatCount(tokens));
}

function sentence(message: Message): string | null {
  switch (message.status) {
    case 'stopped':
      return stoppedText(message);
    case 'interrupted':
      return message.error?.message ?? text.message.interrupted;
    case 'error':
      return message.error?.message ?? text.message.failed;
    default:
      if (message.finish_reason === 'content_filter') return text.message.withheld;
      return message.finish_reason === 'length' ? text.message.cutAtLimit : null;
  }
}

function worthRepeating(message: Message): boolean {
  const failed = message.status === 'error' || message.status === 'interrupted';
  return failed && message.error?.retryable !== false;
}

interface Props {
  message: Message;
  busy: boolean;
  last: boolean;
  onRetry: () => void;
  onContinue: () => void;
}

/** Says how a reply ended if it did not end well, and offers what can be done about it. */
export function ReplyNote({ message, busy, last, onRetry, onContinue }: Props) {
  const words = sentence(message);
  if (words === null) return null;
  return (
    <Note data-kind={message.status === 'error' ? 'error' : 'info'} data-testid="reply-note">
      <span>{words}</span>
      {last && canGoOn(message) && (
        <Button type="button" disabled={busy} onClick={onContinue} data-testid="continue-button">
          <CornerDownRight size={15} aria-hidden />
          {text.message.continue}
        </Button>
      )}
      {worthRepeating(message) && (
        <Button type="button" disabled={busy} onClick={onRetry} data-testid="retry-button">
          <RotateCcw size={15} aria-hidden />
          {text.message.retry}
        </Button>
      )}
    </Note>
  );
}
