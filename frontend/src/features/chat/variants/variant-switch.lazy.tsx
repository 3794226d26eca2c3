import { ChevronLeft, ChevronRight, FileDiff } from 'lucide-react';
import { useState } from 'react';
import styled from 'styled-components';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { lazyPart } from '../../../shared/lib/lazy-part';
import { c } from '../../../shared/theme/theme';
import { IconButton } from '../../../shared/ui/icon-button';
import { showVariant } from './show-variant';

const Group = styled.div`
  display: inline-flex;
  align-items: center;
  margin-right: 4px;
  button {
    width: 26px;
  }
  span {
    min-width: 2.6em;
    color: ${c.fg.muted};
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
    text-align: center;
  }
`;

const useCompare = lazyPart(() => import('./compare.lazy'));

/** ‹ 2 of 3 ›: nothing that was said before is lost. */
export function VariantSwitch({ message, busy }: { message: Message; busy: boolean }) {
  const [waiting, setWaiting] = useState(false);
  const shown = message.variant ?? 1;
  const count = message.variants ?? 1;
  const go = async (variant: number) => {
    setWaiting(true);
    await showVariant(message, variant);
    setWaiting(false);
  };
  // Not `disabled`: the button that was just pressed keeps the focus.
  const idle = busy || waiting;
  const step = (variant: number) => () => {
    if (!idle && variant >= 1 && variant <= count) void go(variant);
  };
  return (
    <>
      <Group role="group" aria-label={text.message.variants} data-testid="variants">
        <IconButton
          type="button"
          aria-label={text.message.variantBefore}
          title={text.message.variantBefore}
          aria-disabled={idle || shown <= 1}
          onClick={step(shown - 1)}
        >
          <ChevronLeft size={16} aria-hidden />
        </IconButton>
        <span>{text.message.variant(shown, count)}</span>
        <IconButton
          type="button"
          aria-label={text.message.variantAfter}
          title={text.message.variantAfter}
          aria-disabled={idle || shown >= count}
          onClick={step(shown + 1)}
        >
          <ChevronRight size={16} aria-hidden />
        </IconButton>
      </Group>
      {message.role === 'user' && <CompareButton message={message} busy={idle} />}
    </>
  );
}

/** A question has no menu that the comparison could stand in. */
function CompareButton({ message, busy }: { message: Message; busy: boolean }) {
  const [open, setOpen] = useState(false);
  const compare = useCompare(open);
  return (
    <>
      <IconButton
        type="button"
        aria-label={text.message.compare}
        title={text.message.compare}
        aria-haspopup="dialog"
        onClick={() => {
          setOpen(true);
        }}
      >
        <FileDiff size={15} aria-hidden />
      </IconButton>
      {open && compare !== null && (
        <compare.Compare
          message={message}
          busy={busy}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}
