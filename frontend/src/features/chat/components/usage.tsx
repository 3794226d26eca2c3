import styled from 'styled-components';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { c, radius } from '../../../shared/theme/theme';
import { metricsText } from './metrics-text';

const Line = styled.button`
  margin-left: 2px;
  min-height: 28px;
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

/** The times of a reply; pressed, it tells the rest. */
export function Usage({ message, onOpen }: { message: Message; onOpen: () => void }) {
  const words = metricsText(message.metrics);
  if (words === null) return null;
  return (
    <Line type="button" title={text.message.metricsHint} aria-haspopup="dialog" data-testid="metrics" onClick={onOpen}>
      {words}
    </Line>
  );
}
