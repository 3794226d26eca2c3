import { Undo2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import styled, { keyframes } from 'styled-components';

import { text } from '../i18n/messages';
import { useShortcut } from '../lib/shortcut';
import { c, radius } from '../theme/theme';
import { IconButton } from './icon-button';
import { dismissToast, undoLast, undoToast, useToasts, type Toast } from './toasts';

const rise = keyframes`
  from { opacity: 0; transform: translateY(6px); }
`;

const Stack = styled.section`
  position: fixed;
  z-index: 25;
  left: 16px;
  bottom: max(68px, var(--toasts-above, 0px) + 8px);
  display: flex;
  flex-direction: column;
  gap: 8px;
  width: min(21rem, calc(100vw - 32px));
  pointer-events: none;
  @media (max-width: 899px) {
    bottom: 10.5rem;
    left: 50%;
    transform: translateX(-50%);
  }
  dialog > & {
    bottom: max(68px, var(--toasts-above, 0px) + 8px);
    left: 12px;
    width: calc(100% - 24px);
    transform: none;
    position: absolute;
  }
`;

const Card = styled.div`
  display: flex;
  align-items: center;
  gap: 4px;
  min-height: 46px;
  padding: 5px 6px 5px 14px;
  border-radius: ${radius.medium};
  background: ${c.bg.toast};
  color: ${c.fg.toast};
  box-shadow: ${c.shadow.raised};
  pointer-events: auto;
  font-size: 0.875rem;
  line-height: 1.4;
  animation: ${rise} 140ms ease-out;
  p {
    flex: 1;
    min-width: 0;
    padding: 3px 0;
    overflow-wrap: anywhere;
  }
  small {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 0.8125rem;
    opacity: 0.85;
  }
  :focus-visible {
    outline-color: ${c.fg.toast};
  }
  @media (forced-colors: active) {
    border: 1px solid;
  }
`;

const Act = styled.button`
  display: inline-flex;
  align-items: center;
  gap: 6px;
  min-height: 34px;
  padding: 4px 10px;
  border: 0;
  border-radius: ${radius.small};
  background: transparent;
  color: ${c.fg.toastAction};
  font-weight: 600;
  &:hover {
    background: ${c.bg.toastHover};
  }
`;

const Close = styled(IconButton)`
  color: ${c.fg.toast};
  &:hover:not(:disabled) {
    background: ${c.bg.toastHover};
    color: ${c.fg.toast};
  }
`;

/** How long a toast stays while nobody points at it, has the focus in it or looks elsewhere. */
const stay = 10_000;
const step = 250;

/** What was just done, at the edge of the page. The keys that undo elsewhere undo here too. */
export function ToastList() {
  const toasts = useToasts();
  const [held, setHeld] = useState(false);
  useShortcut('undo', undoLast);
  if (toasts.length === 0) return null;
  return (
    <Stack
      aria-label={text.toasts.region}
      data-testid="toasts"
      onPointerEnter={() => {
        setHeld(true);
      }}
      onPointerLeave={() => {
        setHeld(false);
      }}
      onFocus={() => {
        setHeld(true);
      }}
      onBlur={() => {
        setHeld(false);
      }}
    >
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} held={held} />
      ))}
    </Stack>
  );
}

function ToastCard({ toast, held }: { toast: Toast; held: boolean }) {
  const left = useRef(stay);
  useEffect(() => {
    if (held) return undefined;
    const timer = setInterval(() => {
      if (document.hidden) return;
      left.current -= step;
      if (left.current <= 0) dismissToast(toast.id);
    }, step);
    return () => {
      clearInterval(timer);
    };
  }, [held, toast.id]);
  const leave = () => {
    document.getElementById('composer')?.focus({ preventScroll: true });
  };
  return (
    <Card data-testid="toast">
      <p>
        {toast.text}
        {toast.detail !== null && <small>{toast.detail}</small>}
      </p>
      {toast.undo !== null && (
        <Act
          type="button"
          onClick={() => {
            leave();
            undoToast(toast);
          }}
          data-testid="undo"
        >
          <Undo2 size={15} aria-hidden />
          {text.toasts.undo}
        </Act>
      )}
      <Close
        type="button"
        aria-label={text.toasts.dismiss}
        title={text.toasts.dismiss}
        onClick={() => {
          leave();
          dismissToast(toast.id);
        }}
      >
        <X size={16} aria-hidden />
      </Close>
    </Card>
  );
}
