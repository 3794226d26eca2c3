import { ChevronDown, RefreshCw, ThumbsDown, ThumbsUp } from 'lucide-react';

import type { Message, Metrics, Rating } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { formatSeconds } from '../../../shared/lib/format';
import { CopyButton } from '../../../shared/ui/copy-button';
import { IconButton } from '../../../shared/ui/icon-button';
import { ownText } from '../can-go-on';
import { useEndpoints } from '../../models/choice';
import { ModelButton } from '../../models/model-button';
import { rate } from '../rating';
import { VariantSwitch } from '../variants/variant-switch';
import { Footer, MetricsLine } from './message-styles';

export function metricsText(metrics: Metrics | null | undefined): string | null {
  const total = metrics?.totalTime;
  const first = metrics?.timeToFirstToken;
  if (total === null || total === undefined) return null;
  if (first === null || first === undefined) return text.message.metricsTotal(formatSeconds(total));
  return text.message.metrics(formatSeconds(first), formatSeconds(total));
}

interface Props {
  message: Message;
  busy: boolean;
  onRegenerate: (model?: string) => void;
}

export function MessageActions({ message, busy, onRegenerate }: Props) {
  const metrics = metricsText(message.metrics);
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
      {metrics !== null && <MetricsLine data-testid="metrics">{metrics}</MetricsLine>}
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
