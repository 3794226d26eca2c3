import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import styled from 'styled-components';

import { c, radius } from '../theme/theme';

const Box = styled.dialog`
  width: min(26rem, calc(100vw - 32px));
  padding: 20px 22px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.large};
  background: ${c.bg.raised};
  color: ${c.fg.default};
  box-shadow: ${c.shadow.raised};
  overflow-wrap: anywhere;
  &::backdrop {
    background: ${c.bg.scrim};
  }
  p + p {
    margin-top: 8px;
  }
  h2 {
    margin-bottom: 8px;
    font-size: 1.1rem;
    font-weight: 600;
  }
`;

export const DialogActions = styled.div`
  display: flex;
  justify-content: flex-end;
  gap: 8px;
  margin-top: 20px;
`;

/** A modal dialog; the browser keeps the focus inside and gives it back. */
export function Dialog({
  title,
  onClose,
  testId,
  children,
}: {
  title: string;
  onClose: () => void;
  testId: string;
  children: ReactNode;
}) {
  const box = useRef<HTMLDialogElement | null>(null);
  const titleId = useId();
  // Before the element is taken away: only a dialog that is closed gives the focus back.
  useLayoutEffect(() => {
    const element = box.current;
    element?.showModal();
    return () => {
      element?.close();
    };
  }, []);
  return (
    <Box
      ref={box}
      aria-labelledby={titleId}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </Box>
  );
}
