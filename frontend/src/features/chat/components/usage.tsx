import { useRef, useState } from 'react';
import styled from 'styled-components';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { c, radius } from '../../../shared/theme/theme';
import { lazyPart } from '../../../shared/lib/lazy-part';
import { metricsText } from './metrics-text';

const Line = styled.button`
  margin-left: 2px;
  padding: 4px 8px;
  border: 0;
  border-radius: ${radius.small};
  background: transparent;
  color: ${c.fg.muted};
  font-size: 0.78rem;
  text-align: left;
  font-variant-numeric: tabular-nums;
  &:hover {
    background: ${c.bg.hover};
  }
`;

const useDetails = lazyPart(() => import('./usage.lazy'));

/** The times of a reply; opened, its tokens too. */
export function Usage({ message }: { message: Message }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement | null>(null);
  const details = useDetails(open);
  const words = metricsText(message.metrics);
  if (words === null) return null;
  return (
    <>
      <Line
        ref={button}
        type="button"
        title={text.message.metricsHint}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-testid="metrics"
        onClick={() => {
          setOpen(true);
        }}
      >
        {words}
      </Line>
      {open && details !== null && (
        <details.UsageDetails
          message={message}
          button={button}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}
