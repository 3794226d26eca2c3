import { ChevronDown, RefreshCw, ThumbsDown, ThumbsUp } from 'lucide-react';

import type { Message, Rating } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { CopyButton } from '../../../shared/ui/copy-button';
import { IconButton } from '../../../shared/ui/icon-button';
import { ownText } from '../can-go-on';
import { useEndpoints } from '../../models/choice';
import { ModelButton } from '../../models/model-button';
import { rate } from '../rating';
import { VariantSwitch } from '../variants/variant-switch';
import { Footer } from './message-styles';
import { Usage } from './usage';

interface Props {
  message: Message;
  busy: boolean;
  onRegenerate: (model?: string) => void;
}

export function MessageActions({ message, busy, onRegenerate }: Props) {
  const content = ownText(message);
  const several = useEndpoints().length > 1;
  return (
    <Footer role="group" aria-label={text.message.actions}>
      <VariantSwitch message={message} busy={busy} />
      {content !== '' && <CopyButton label={text.message.copy} value={() => content} testId="copy-button" />}
      <IconButton type="button" aria-label={text.message.regenerate} title={text.message.regenerate} disabled={busy} onClick={() => { onRegenerate(); }} data-testid="regenerate-button">
        <RefreshCw size={16} aria-hidden />
      </IconButton>
      {several && (
        <ModelButton label={text.models.regenerate} current={message.model ?? null} disabled={busy} testId="regenerate-with" onChoose={onRegenerate}>
          <ChevronDown size={14} aria-hidden />
        </ModelButton>
      )}
      <Thumb message={message} rating="up" />
      <Thumb message={message} rating="down" />
      <Usage message={message} />
    </Footer>
  );
}

function Thumb({ message, rating }: { message: Message; rating: Rating }) {
  const Icon = rating === 'up' ? ThumbsUp : ThumbsDown;
  const chosen = message.rating === rating;
  const label = rating === 'up' ? text.message.up : text.message.down;
  return (
    <IconButton
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={chosen}
      data-testid={`thumbs-${rating}`}
      onClick={() => void rate(message.session_id ?? '', message.message_id, rating)}
    >
      <Icon size={16} aria-hidden fill={chosen ? 'currentColor' : 'none'} />
    </IconButton>
  );
}
