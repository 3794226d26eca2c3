import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import styled from 'styled-components';

import { ChatPage } from '../features/chat/components/chat-page';
import { useReplyingSessions } from '../features/chat/stream/stream-store';
import { parkChat } from '../features/chat/stream/turns';
import { ArchivedNotice } from '../features/conversations/archived-notice';
import { discard } from '../features/conversations/housekeeping';
import { Sidebar } from '../features/conversations/sidebar';
import { SettingsPlace } from '../features/settings/place';
import { chatQuery, titleOf } from '../shared/api/chats';
import { listedSession } from '../shared/api/lists';
import type { Session } from '../shared/api/types';
import { text } from '../shared/i18n/messages';
import { lazyPart, partPlace } from '../shared/lib/lazy-part';
import { useLocation, useMatch, useNavigate } from '../shared/lib/router';
import { createPersisted, useStore } from '../shared/lib/store';
import { useShortcut } from '../shared/lib/shortcut';
import { useMedia } from '../shared/lib/use-media';
import { c, wide } from '../shared/theme/theme';
import { Brand } from '../shared/ui/brand';
import { Loading } from '../shared/ui/loading';
import { notify } from '../shared/ui/notices';
import { ToastList } from '../shared/ui/toast-list';
import { Banners } from './banners';
import { TopBar } from './top-bar';

const Page = styled.div`
  display: flex;
  height: 100dvh;
`;

const Front = styled.div`
  display: flex;
  flex: 1;
  flex-direction: column;
  min-width: 0;
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
  &:focus {
    top: 0;
  }
`;

const Drawer = partPlace(
  lazyPart(() => import('./drawer.lazy'), true),
  (part) => part.Drawer,
);

const panel = createPersisted<{ open: boolean }>(
  'sidebar',
  { open: true },
  (value) => typeof value === 'object' && value !== null && 'open' in value,
);

type PaletteModule = typeof import('../features/search/palette.lazy');

async function loadPalette(): Promise<PaletteModule | null> {
  return import('../features/search/palette.lazy').catch(() => null);
}

const Collection = lazy(() => import('../features/conversations/collection.lazy'));

/** The list that an address stands for. */
const collections: Readonly<Record<string, 'archived' | 'trash'>> = { '/archive': 'archived', '/trash': 'trash' };
const collectionTitles = { archived: text.chats.archive, trash: text.chats.trash } as const;

export function Shell() {
  const sessionId = useMatch('/c/:sessionId')?.params.sessionId ?? null;
  const { pathname } = useLocation();
  const collection = collections[pathname] ?? null;
  const title = useTitle(sessionId, collection);
  const isWide = useMedia(wide);
  const panelOpen = useStore(panel, (state) => state.open);
  const [drawerOpen, setDrawerOpen] = useState(false);
  const [Palette, setPalette] = useState<PaletteModule['default'] | null>(null);
  const replying = useReplyingSessions();
  const navigate = useNavigate();
  const open = isWide ? panelOpen : drawerOpen;
  const inDrawer = !isWide && drawerOpen;

  const closeDrawer = useCallback(() => {
    setDrawerOpen(false);
  }, []);
  const openSearch = useCallback(async () => {
    setDrawerOpen(false);
    const part = await loadPalette();
    if (part === null) notify(text.errors.network);
    else setPalette(() => part.default);
  }, []);
  usePaletteSoon();
  const toggle = () => {
    if (isWide) panel.setState({ open: !panelOpen });
    else setDrawerOpen(!drawerOpen);
  };
  useShortcut('search', () => void openSearch());
  useShortcut('toggleSidebar', toggle);
  useShortcut('newChat', () => {
    setDrawerOpen(false);
    void navigate('/');
  });
  useShortcut(
    'copyLast',
    () => void import('../features/chat/copy-last').then(({ copyLastReply }) => copyLastReply(sessionId)),
  );
  /** These chats go to the trash: their page is left; gives what leads back to it. */
  const onLeave = (sessions: readonly Session[]) => {
    for (const session of sessions) parkChat(session.sessionId);
    const shown = sessions.find((session) => session.sessionId === sessionId);
    if (shown === undefined) return () => undefined;
    void navigate('/', { replace: true });
    return () => {
      if (window.location.pathname === '/')
        void navigate(`/c/${encodeURIComponent(shown.sessionId)}`, { replace: true });
    };
  };
  const onDelete = (session: Session) => {
    void discard(session, onLeave([session]));
  };
  const sidebar = (
    <Sidebar
      head={isWide ? <Brand /> : null}
      current={sessionId}
      replying={replying}
      onChoose={closeDrawer}
      onSearch={() => void openSearch()}
      onDelete={onDelete}
      onLeave={onLeave}
    />
  );

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
      {isWide && panelOpen && <Aside id="sidebar-panel">{sidebar}</Aside>}
      {inDrawer && (
        <Drawer onClose={closeDrawer}>
          {sidebar}
          <ToastList />
        </Drawer>
      )}
      <Front>
        <TopBar title={title} sidebarOpen={open} onToggle={toggle} />
        <Banners />
        <Body>
          {collection === null ? (
            <ChatPage notice={sessionId === null ? null : <ArchivedNotice key={sessionId} sessionId={sessionId} />} />
          ) : (
            <Suspense fallback={<Loading />}>
              <Collection key={collection} name={collection} onDelete={onDelete} onLeave={onLeave} />
            </Suspense>
          )}
        </Body>
      </Front>
      {!inDrawer && <ToastList />}
      <SettingsPlace />
      {Palette !== null && (
        <Palette
          onClose={() => {
            setPalette(null);
          }}
        />
      )}
    </Page>
  );
}

/** Fetched while nothing else happens: who presses the keys goes on typing at once. */
const idle = 1500;

/** What is opened by a key is there before it is pressed. */
function usePaletteSoon(): void {
  useEffect(() => {
    const timer = setTimeout(() => void loadPalette(), idle);
    return () => {
      clearTimeout(timer);
    };
  }, []);
}

/** The name of what is on screen; the tab carries it too. */
function useTitle(sessionId: string | null, collection: 'archived' | 'trash' | null): string | null {
  const chat = useQuery({ ...chatQuery(sessionId ?? ''), enabled: false });
  const known = sessionId === null ? undefined : (chat.data ?? listedSession(sessionId));
  const title = known === undefined ? '' : titleOf(known);
  const without = chat.isError ? text.chat.unavailable : text.chats.untitled;
  const ofChat = sessionId === null ? null : title === '' ? without : title;
  const shown = collection === null ? ofChat : collectionTitles[collection];
  useEffect(() => {
    document.title = shown === null ? text.product : `${shown} · ${text.product}`;
  }, [shown]);
  return shown;
}
