import { ChevronDown, RefreshCw, ThumbsDown, ThumbsUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';

import type { Message, Rating } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { readStored } from '../../../shared/lib/storage';
import { CopyButton } from '../../../shared/ui/copy-button';
import { IconButton } from '../../../shared/ui/icon-button';
import { ModelButton } from '../../models/model-button';
import { ownText } from '../can-go-on';
import { draftKey, FeedbackSlot } from '../feedback/feedback-slot';
import { feedbackOf, rate } from '../feedback/rating';
import { VariantSlot } from '../variants/variant-slot';
import { Footer, QuietButton } from './message-styles';
import { lazyPart, partPlace } from '../../../shared/lib/lazy-part';
import { Usage } from './usage';

const useMenu = lazyPart(() => import('./reply-menu.lazy'), true);
const Receipt = partPlace(
  lazyPart(() => import('../receipt/receipt.lazy')),
  (part) => part.Receipt,
);
const Compare = partPlace(
  lazyPart(() => import('../variants/compare.lazy')),
  (part) => part.Compare,
);

interface Props {
  message: Message;
  busy: boolean;
  /** There are other models that can be asked. */
  several: boolean;
  onRegenerate: (model?: string) => void;
}

/** Whether a person is being asked for more than the rating; by name, if the button did it. */
type Asking = 'no' | 'rated' | 'named';

export function MessageActions({ message, busy, several, onRegenerate }: Props) {
  const content = ownText(message);
  const [asking, setAsking] = useState<Asking>(() =>
    readStored(draftKey(message.message_id)) === null ? 'no' : 'rated',
  );
  const more = useRef<HTMLButtonElement | null>(null);
  /** The panel had the focus when it closed. */
  const back = useRef(false);
  const said = feedbackOf(message);
  const detailed = said !== null && (said.reasons.length > 0 || said.comment !== null);
  const onRate = (rating: Rating) => {
    setAsking(said?.rating === rating ? 'no' : 'rated');
    void rate(message.session_id ?? '', message.message_id, rating);
  };
  const onClose = (focusBack: boolean) => {
    back.current = focusBack;
    setAsking('no');
  };
  useEffect(() => {
    if (asking === 'no' && back.current) more.current?.focus();
    back.current = false;
  }, [asking]);
  const [looking, setLooking] = useState<'no' | 'details' | 'compare'>('no');
  const menu = useMenu(true);
  const onLookEnd = () => {
    setLooking('no');
  };
  const onDetails = () => {
    setLooking('details');
  };
  return (
    <>
      <Footer role="group" aria-label={text.message.actions}>
        <VariantSlot message={message} busy={busy} />
        {content !== '' && <CopyButton label={text.message.copy} value={() => content} testId="copy-button" />}
        <IconButton
          type="button"
          aria-label={text.message.regenerate}
          title={text.message.regenerate}
          disabled={busy}
          onClick={() => {
            onRegenerate();
          }}
          data-testid="regenerate-button"
        >
          <RefreshCw size={16} aria-hidden />
        </IconButton>
        {several && (
          <ModelButton
            label={text.models.regenerate}
            current={message.model ?? null}
            disabled={busy}
            testId="regenerate-with"
            onChoose={onRegenerate}
          >
            <ChevronDown size={14} aria-hidden />
          </ModelButton>
        )}
        <Thumb chosen={said?.rating === 'up'} rating="up" onRate={onRate} />
        <Thumb chosen={said?.rating === 'down'} rating="down" onRate={onRate} />
        {said !== null && asking === 'no' && (
          <QuietButton
            ref={more}
            type="button"
            onClick={() => {
              setAsking('named');
            }}
          >
            {detailed ? text.feedback.edit : text.feedback.more}
          </QuietButton>
        )}
        {menu === null ? (
          <IconButton as="span" aria-hidden />
        ) : (
          <menu.ReplyMenu
            message={message}
            onDetails={onDetails}
            onCompare={() => {
              setLooking('compare');
            }}
          />
        )}
        <Usage message={message} onOpen={onDetails} />
      </Footer>
      {looking === 'details' && <Receipt message={message} onClose={onLookEnd} />}
      {looking === 'compare' && <Compare message={message} busy={busy} onClose={onLookEnd} />}
      {said !== null && asking !== 'no' && (
        <FeedbackSlot message={message} rating={said.rating} focus={asking === 'named'} onClose={onClose} />
      )}
    </>
  );
}

function Thumb({ chosen, rating, onRate }: { chosen: boolean; rating: Rating; onRate: (rating: Rating) => void }) {
  const Icon = rating === 'up' ? ThumbsUp : ThumbsDown;
  const label = rating === 'up' ? text.message.up : text.message.down;
  return (
    <IconButton
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={chosen}
      data-testid={`thumbs-${rating}`}
      onClick={() => {
        onRate(rating);
      }}
    >
      <Icon size={16} aria-hidden fill={chosen ? 'currentColor' : 'none'} />
    </IconButton>
  );
}
