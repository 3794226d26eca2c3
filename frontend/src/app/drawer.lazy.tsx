import { X } from 'lucide-react';
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import styled from 'styled-components';

import { text } from '../shared/i18n/messages';
import { c } from '../shared/theme/theme';
import { Brand } from '../shared/ui/brand';
import { IconButton } from '../shared/ui/icon-button';

const Box = styled.dialog`
  position: fixed;
  inset: 0 auto 0 0;
  width: min(20rem, 88vw);
  height: 100%;
  max-height: none;
  margin: 0;
  padding: 0;
  border: 0;
  border-right: 1px solid ${c.border.default};
  background: ${c.bg.sidebar};
  color: ${c.fg.default};
  &[open] {
    display: flex;
    flex-direction: column;
  }
  nav {
    flex: 1;
    padding-top: 4px;
  }
  &::backdrop {
    background: ${c.bg.scrim};
  }
`;

const Head = styled.div`
  display: flex;
  align-items: center;
  justify-content: space-between;
  height: 52px;
  padding: 0 8px 0 16px;
`;

/** The list of chats on a narrow screen: a modal dialog at the edge. */
export function Drawer({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const box = useRef<HTMLDialogElement | null>(null);
  // Before the element is taken away: only a dialog that is closed gives the focus back.
  useLayoutEffect(() => {
    const element = box.current;
    element?.showModal();
    return () => {
      element?.close();
    };
  }, []);
  return (
    // A click beside the panel lands on the dialog itself. Esc and the button do the same for the keyboard.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <Box
      ref={box}
      id="sidebar-panel"
      aria-label={text.chats.nav}
      data-drawer=""
      data-testid="drawer"
      onClick={(event) => {
        if (event.target === box.current) onClose();
      }}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <Head>
        <Brand />
        <IconButton type="button" aria-label={text.chats.toggleClose} onClick={onClose} data-testid="drawer-close">
          <X size={18} aria-hidden />
        </IconButton>
      </Head>
      {children}
    </Box>
  );
}
