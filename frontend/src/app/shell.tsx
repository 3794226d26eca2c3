import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import styled from 'styled-components';

import { ChatPage } from '../features/chat/components/chat-page';
import { useReplyingSessions } from '../features/chat/stream/stream-store';
import { parkChat } from '../features/chat/stream/turns';
import { Sidebar } from '../features/conversations/sidebar';
import { chatQuery, listedSession, titleOf } from '../shared/api/chats';
import { text } from '../shared/i18n/messages';
import { useMatch, useNavigate } from '../shared/lib/router';
import { createPersisted, useStore } from '../shared/lib/store';
import { useMedia } from '../shared/lib/use-media';
import { c, wide } from '../shared/theme/theme';
import { Banners } from './banners';
import { Drawer } from './drawer';
import { TopBar } from './top-bar';

const Page = styled.div`
  display: flex;
  flex-direction: column;
  height: 100dvh;
`;

const Body = styled.div`
  display: flex;
  flex: 1;
  min-height: 0;
`;

const Aside = styled.div`
  flex: none;
  width: 17.5rem;
  border-right: 1px solid ${c.border.subtle};
  background: ${c.bg.sidebar};
`;

const SkipLink = styled.a`
  position: absolute;
  z-index: 30;
  top: -60px;
  left: 12px;
  padding: 8px 14px;
  border-radius: 0 0 8px 8px;
  background: ${c.accent.default};
  color: ${c.fg.onAccent};
  &:focus { top: 0; }
`;

const panel = createPersisted<{ open: boolean }>('sidebar', { open: true }, (value) => typeof value === 'object' && value !== null && 'open' in value);

export function Shell() {
  const sessionId = useMatch('/c/:sessionId')?.params.sessionId ?? null;
  const title = useTitle(sessionId);
  const isWide = useMedia(wide);
  const panelOpen = useStore(panel, (state) => state.open);
  const [drawerOpen, setDrawerOpen] = useState(false);
  const replying = useReplyingSessions();
  const navigate = useNavigate();
  const open = isWide ? panelOpen : drawerOpen;

  const closeDrawer = useCallback(() => {
    setDrawerOpen(false);
  }, []);
  const toggle = () => {
    if (isWide) panel.setState({ open: !panelOpen });
    else setDrawerOpen(!drawerOpen);
  };
  const onDeleted = (deleted: string) => {
    parkChat(deleted);
    if (deleted === sessionId) void navigate('/', { replace: true });
  };
  const sidebar = <Sidebar current={sessionId} replying={replying} onChoose={closeDrawer} onDeleted={onDeleted} />;

  return (
    <Page>
      <SkipLink
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          (document.getElementById('composer') ?? document.getElementById('page-title'))?.focus();
        }}
      >
        {text.skip}
      </SkipLink>
      <TopBar title={title} sidebarOpen={open} onToggle={toggle} />
      <Banners />
      <Body>
        {isWide && panelOpen && <Aside id="sidebar-panel">{sidebar}</Aside>}
        {!isWide && drawerOpen && <Drawer onClose={closeDrawer}>{sidebar}</Drawer>}
        <ChatPage />
      </Body>
    </Page>
  );
}

/** The name of the chat on screen; the tab carries it too. */
function useTitle(sessionId: string | null): string | null {
  const chat = useQuery({ ...chatQuery(sessionId ?? ''), enabled: false });
  const known = sessionId === null ? undefined : (chat.data ?? listedSession(sessionId));
  const title = known === undefined ? '' : titleOf(known);
  const without = chat.isError ? text.chat.unavailable : text.chats.untitled;
  const shown = title === '' ? without : title;
  useEffect(() => {
    document.title = sessionId === null ? text.product : `${shown} · ${text.product}`;
  }, [sessionId, shown]);
  return sessionId === null ? null : shown;
}
