import { Hourglass, X } from 'lucide-react';
import { useEffect } from 'react';
import styled from 'styled-components';

import { clock, waitingTexts } from '../../../shared/i18n/waiting-texts';
import { announce } from '../../../shared/lib/announcer';
import { c, radius } from '../../../shared/theme/theme';
import { IconButton } from '../../../shared/ui/icon-button';
import { endCooldown, type Cooldown } from './cooldown';
import { useSeconds } from './use-seconds';

const Line = styled.div`
  display: flex;
  align-items: center;
  gap: 10px;
  margin-bottom: 8px;
  padding: 6px 6px 6px 14px;
  border-radius: ${radius.medium};
  background: ${c.bg.notice};
  color: ${c.fg.notice};
  font-size: 0.84rem;
  line-height: 1.45;
  svg {
    flex: none;
  }
  p {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  b {
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  button,
  button:hover:not(:disabled) {
    color: inherit;
  }
`;

/** What was refused, and a clock until it can be sent again. The clock is for eyes; ears get a sentence. */
export function CooldownLine({ cooldown }: { cooldown: Cooldown }) {
  const { until, sentence } = cooldown;
  const left = Math.max(-useSeconds(until), 0);
  useEffect(() => {
    announce(`${sentence} ${waitingTexts.againSpoken(Math.max(Math.ceil((until - Date.now()) / 1000), 1))}`);
    const timer = setTimeout(
      () => {
        announce(waitingTexts.now);
        endCooldown();
      },
      Math.min(until - Date.now(), 2 ** 31 - 1),
    );
    return () => {
      clearTimeout(timer);
    };
  }, [until, sentence]);
  const lift = () => {
    endCooldown();
    document.getElementById('composer')?.focus();
  };
  return (
    <Line data-testid="cooldown">
      <Hourglass size={16} aria-hidden />
      <p>
        {sentence}{' '}
        <span aria-hidden>
          {waitingTexts.again}
          <b data-testid="cooldown-clock">{clock(left)}</b>.
        </span>
      </p>
      <IconButton type="button" aria-label={waitingTexts.lift} title={waitingTexts.lift} onClick={lift}>
        <X size={16} aria-hidden />
      </IconButton>
    </Line>
  );
}
