import { useId, useLayoutEffect, useRef, type RefObject } from 'react';
import styled from 'styled-components';

import type { Message } from '../../../shared/api/types';
import { partText } from '../../../shared/i18n/part-messages';
import { formatCount, formatDuration } from '../../../shared/lib/format';
import { placePopover } from '../../../shared/lib/place';
import { c } from '../../../shared/theme/theme';
import { PopoverPanel } from '../../../shared/ui/popover-panel';

const Panel = styled(PopoverPanel)`
  width: max-content;
  max-width: calc(100vw - 16px);
  padding: 12px 16px 14px;
  font-size: 0.875rem;
  &:focus {
    outline: none;
  }
  h3 {
    margin-bottom: 8px;
    font-size: 0.875rem;
    font-weight: 650;
  }
  dl,
  dd {
    margin: 0;
  }
  dl {
    display: grid;
    grid-template-columns: auto auto;
    gap: 4px 22px;
  }
  dt {
    color: ${c.fg.muted};
  }
  dt[data-part] {
    padding-left: 14px;
  }
  dd {
    text-align: right;
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }
`;

interface Fact {
  name: string;
  value: string;
  /** Is contained in the one before. */
  part?: boolean;
}

export function factsOf(message: Message): Fact[] {
  const { metrics } = message;
  const words = partText.usage;
  const facts: Fact[] = [];
  const count = (name: string, value: number | null | undefined, part = false) => {
    if (typeof value === 'number') facts.push({ name, value: formatCount(value), part });
  };
  const time = (name: string, value: number | null | undefined) => {
    if (typeof value === 'number') facts.push({ name, value: formatDuration(value) });
  };
  if (typeof message.model === 'string' && message.model !== '')
    facts.push({ name: words.model, value: message.model });
  count(words.prompt, metrics?.promptTokens);
  if ((metrics?.cachedTokens ?? 0) > 0) count(words.cached, metrics?.cachedTokens, true);
  count(metrics?.estimated === true ? words.estimated : words.completion, metrics?.completionTokens);
  if ((metrics?.reasoningTokens ?? 0) > 0) count(words.reasoning, metrics?.reasoningTokens, true);
  const tools = message.parts?.filter((part) => part.kind === 'tool').length ?? 0;
  if (tools > 0) count(words.tools, tools);
  time(words.first, metrics?.timeToFirstToken);
  time(words.thinking, metrics?.reasoningTime);
  time(words.total, metrics?.totalTime);
  return facts;
}

interface Props {
  message: Message;
  button: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}

/** What a reply took; closes with Esc or a press beside it. */
export function UsageDetails({ message, button, onClose }: Props) {
  const panel = useRef<HTMLDivElement | null>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = panel.current;
    if (element === null || button.current === null) return;
    element.showPopover();
    placePopover(element, button.current);
    element.focus();
  }, [button]);
  return (
    <Panel
      ref={panel}
      role="dialog"
      aria-labelledby={id}
      tabIndex={-1}
      popover="auto"
      data-testid="usage"
      onToggle={(event) => {
        if (event.newState === 'open') return;
        if (panel.current?.contains(document.activeElement) === true) button.current?.focus();
        onClose();
      }}
      onBlur={(event) => {
        if (event.relatedTarget !== null && event.relatedTarget !== button.current) panel.current?.hidePopover();
      }}
    >
      <h3 id={id}>{partText.usage.title}</h3>
      <dl>
        {factsOf(message).map((fact) => (
          <Row key={fact.name} fact={fact} />
        ))}
      </dl>
    </Panel>
  );
}

function Row({ fact }: { fact: Fact }) {
  return (
    <>
      <dt data-part={fact.part === true ? '' : undefined}>{fact.name}</dt>
      <dd>{fact.value}</dd>
    </>
  );
}
