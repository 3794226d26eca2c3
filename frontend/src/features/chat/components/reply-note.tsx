import { RotateCcw } from 'lucide-react';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { Button } from '../../../shared/ui/button';
import { Note } from './message-styles';

function sentence(message: Message): string | null {
  switch (message.status) {
    case 'stopped':
      return text.message.stopped;
    case 'interrupted':
      return message.error?.message ?? text.message.interrupted;
    case 'error':
      return message.error?.message ?? text.message.failed;
    default:
      return null;
  }
}

/** Says how a reply ended if it did not end well, and offers to try again. */
export function ReplyNote({ message, busy, onRetry }: { message: Message; busy: boolean; onRetry: () => void }) {
  const words = sentence(message);
  if (words === null) return null;
  const failed = message.status === 'error';
  const worthIt = message.status !== 'stopped' && message.error?.retryable !== false;
  return (
    <Note data-kind={failed ? 'error' : 'info'} data-testid="reply-note">
      <span>{words}</span>
      {worthIt && (
        <Button type="button" disabled={busy} onClick={onRetry} data-testid="retry-button">
          <RotateCcw size={15} aria-hidden />
          {text.message.retry}
        </Button>
      )}
    </Note>
  );
}
