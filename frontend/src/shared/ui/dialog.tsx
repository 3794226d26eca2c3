import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import styled from 'styled-components';

import { c, radius } from '../theme/theme';

const Box = styled.dialog`
  width: min(26rem, calc(100vw - 32px));
  padding: 20px 22px;
  scroll-padding-bottom: 80px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.large};
  background: ${c.bg.raised};
  color: ${c.fg.default};
  box-shadow: ${c.shadow.raised};
  overflow-wrap: anywhere;
  &[data-wide='true'] {
    width: min(52rem, calc(100vw - 32px));
  }
  &::backdrop {
    background: ${c.bg.scrim};
  }
  p + p {
    margin-top: 8px;
  }
  h2:focus {
    outline: none;
  }
  h2 {
    margin-bottom: 8px;
    font-size: 1.1rem;
    font-weight: 600;
  }
`;

/** Always in sight, also where a dialog is longer than the window. */
export const DialogActions = styled.div`
  position: sticky;
  bottom: -20px;
  display: flex;
  justify-content: flex-end;
  gap: 8px;
  margin: 8px 0 -20px;
  padding: 12px 0 20px;
  background: ${c.bg.raised};
`;

/** A modal dialog; the browser keeps the focus inside and gives it back. */
export function Dialog({
  title,
  onClose,
  testId,
  wide = false,
  reading = false,
  children,
}: {
  title: string;
  onClose: () => void;
  testId: string;
  /** For what is read or compared in it. */
  wide?: boolean;
  /** It begins at its title, not at its first control: that may be far below. */
  reading?: boolean;
  children: ReactNode;
}) {
  const box = useRef<HTMLDialogElement | null>(null);
  const titleId = useId();
  // Before the element is taken away: only a dialog that is closed gives the focus back.
  useLayoutEffect(() => {
    const element = box.current;
    element?.showModal();
    if (reading) element?.querySelector('h2')?.focus({ preventScroll: true });
    return () => {
      element?.close();
    };
  }, [reading]);
  return (
    <Box
      ref={box}
      aria-labelledby={titleId}
      data-testid={testId}
      data-wide={wide}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId} tabIndex={reading ? -1 : undefined}>
        {title}
      </h2>
      {children}
    </Box>
  );
}
