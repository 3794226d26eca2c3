import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import styled from 'styled-components';

import { placePopover } from '../../../shared/lib/place';
import { c, radius } from '../../../shared/theme/theme';

const PreviewPanel = styled.div`
  position: fixed;
  inset: auto;
  width: min(26rem, calc(100vw - 16px));
  margin: 0;
  padding: 12px 14px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.raised};
  color: ${c.fg.default};
  box-shadow: ${c.shadow.raised};
  font-size: 0.8125rem;
  line-height: 1.5;
  p {
    margin-top: 4px;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 9;
    overflow: hidden;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    color: ${c.fg.muted};
  }
`;

/** So long the pointer or the focus rests on a card before its preview opens. */
const restMs = 300;

/** The beginning of a source, beside its card; Esc puts it away. Nothing is fetched for it. */
export function Preview({
  words,
  card,
  title,
  id,
  onClose,
}: {
  words: string;
  card: HTMLElement;
  title: string;
  id: string;
  onClose: () => void;
}) {
  const panel = useRef<HTMLDivElement | null>(null);
  useLayoutEffect(() => {
    panel.current?.showPopover();
    if (panel.current !== null) placePopover(panel.current, card);
  }, [card]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onClose();
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('scroll', onClose, { capture: true, once: true });
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('scroll', onClose, { capture: true });
    };
  }, [onClose]);
  return (
    <PreviewPanel
      ref={panel}
      id={id}
      role="tooltip"
      popover="manual"
      data-testid="source-preview"
      onPointerLeave={onClose}
    >
      <b>{title}</b>
      <p>{words.slice(0, 900)}</p>
    </PreviewPanel>
  );
}

interface Rested {
  index: number;
  card: HTMLElement;
}

/** The card on which the pointer or the focus rests. */
export function useRested() {
  const [rested, setRested] = useState<Rested | null>(null);
  const [handlers] = useState(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return {
      enter: (index: number, card: HTMLElement) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          setRested({ index, card });
        }, restMs);
      },
      leave: (to: EventTarget | null) => {
        clearTimeout(timer);
        if (to instanceof Element && to.closest('[role="tooltip"]') !== null) return;
        setRested(null);
      },
      close: () => {
        clearTimeout(timer);
        setRested(null);
      },
    };
  });
  useEffect(() => handlers.close, [handlers]);
  return { rested, ...handlers };
}
