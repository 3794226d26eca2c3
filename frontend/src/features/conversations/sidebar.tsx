import { useInfiniteQuery } from '@tanstack/react-query';
import { Archive, Search, SquarePen, Trash2 } from 'lucide-react';
import { useCallback, useRef, type ReactNode } from 'react';
import styled from 'styled-components';

import { isApiError } from '../../shared/api/errors';
import { listQuery } from '../../shared/api/lists';
import type { Session } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { Link, NavLink } from '../../shared/lib/router';
import { ariaKeys, shortcut } from '../../shared/lib/shortcut';
import { useNow } from '../../shared/lib/use-now';
import { c, radius } from '../../shared/theme/theme';
import { Button } from '../../shared/ui/button';
import { groupByDate } from './date-groups';
import { useRenaming } from './renaming';
import { SessionRow } from './session-row';

const Nav = styled.nav`
  display: flex;
  flex-direction: column;
  height: 100%;
  min-height: 0;
  padding: 12px;
  gap: 8px;
`;

/** As high as the bar beside it. */
const Head = styled.div`
  display: flex;
  align-items: center;
  flex: none;
  height: 40px;
  margin-top: -6px;
  padding: 0 8px;
`;

const NewChat = styled(Button)`
  justify-content: flex-start;
  border-color: ${c.border.default};
  text-decoration: none;
  font-weight: 500;
  svg {
    color: ${c.accent.default};
  }
`;

const SearchField = styled.button`
  display: flex;
  align-items: center;
  gap: 8px;
  min-height: 36px;
  padding: 6px 8px 6px 14px;
  border: 1px solid transparent;
  border-radius: ${radius.medium};
  background: transparent;
  color: ${c.fg.muted};
  text-align: left;
  &:hover {
    color: ${c.fg.default};
    background: ${c.bg.hover};
  }
  span {
    flex: 1;
  }
  kbd {
    padding: 1px 6px;
    border: 1px solid ${c.border.default};
    border-radius: ${radius.small};
    background: ${c.bg.raised};
    font-size: 0.75rem;
  }
  @media (hover: none) {
    kbd {
      display: none;
    }
  }
`;

const List = styled.div`
  flex: 1;
  min-height: 0;
  overflow-y: auto;
  margin: 0 -6px;
  padding: 2px 6px;
  h2 {
    margin: 8px 8px 2px;
    font-size: 0.875rem;
    font-weight: 600;
  }
  h3 {
    margin: 14px 8px 4px;
    color: ${c.fg.muted};
    font-size: 0.78rem;
    font-weight: 600;
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  > p {
    margin: 8px;
    color: ${c.fg.muted};
    font-size: 0.875rem;
  }
`;

const Places = styled.ul`
  display: flex;
  gap: 4px;
  margin: 0 -4px;
  padding: 8px 0 0;
  border-top: 1px solid ${c.border.subtle};
  list-style: none;
  li {
    flex: 1;
  }
  a {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 34px;
    padding: 4px 10px;
    border-radius: ${radius.small};
    color: ${c.fg.muted};
    font-size: 0.875rem;
    text-decoration: none;
  }
  a:hover {
    background: ${c.bg.hover};
    color: ${c.fg.default};
  }
  a[aria-current] {
    background: ${c.bg.selected};
    color: ${c.fg.default};
    font-weight: 600;
  }
`;

interface Props {
  /** What stands above the list. */
  head: ReactNode;
  current: string | null;
  replying: ReadonlySet<string>;
  /** A chat was chosen, or a new one. */
  onChoose: () => void;
  onSearch: () => void;
  onDelete: (session: Session) => void;
}

export function Sidebar({ head, current, replying, onChoose, onSearch, onDelete }: Props) {
  const recent = useInfiniteQuery(listQuery('current'));
  const pinned = useInfiniteQuery(listQuery('pinned')).data?.pages.flatMap((page) => page.sessions) ?? [];
  const renaming = useRenaming();
  const list = useRef<HTMLDivElement | null>(null);
  const sessions = recent.data?.pages.flatMap((page) => page.sessions) ?? [];
  const others = sessions.filter((session) => session.pinned !== true);
  const groups = groupByDate(others, useNow());

  const focusRow = useCallback((sessionId: string | undefined) => {
    const target = sessionId === undefined ? '[data-new-chat]' : `[data-session="${CSS.escape(sessionId)}"]`;
    requestAnimationFrame(() => list.current?.parentElement?.querySelector<HTMLElement>(target)?.focus());
  }, []);
  const remove = (session: Session) => {
    const shown = [...(list.current?.querySelectorAll<HTMLElement>('[data-session]') ?? [])].map(
      (row) => row.dataset.session,
    );
    const at = shown.indexOf(session.sessionId);
    focusRow(shown[at + 1] ?? shown[at - 1]);
    onDelete(session);
  };
  const onRenamed = useCallback(
    (sessionId: string, refocus: boolean) => {
      if (refocus) focusRow(sessionId);
    },
    [focusRow],
  );
  const rows = (some: readonly Session[]) => (
    <ul>
      {some.map((session) => (
        <SessionRow
          key={session.sessionId}
          session={session}
          current={session.sessionId === current}
          replying={replying.has(session.sessionId)}
          renaming={renaming?.session.sessionId === session.sessionId ? renaming : null}
          onChoose={onChoose}
          onDelete={remove}
          onRenamed={onRenamed}
        />
      ))}
    </ul>
  );

  return (
    <Nav aria-label={text.chats.nav} data-testid="sidebar">
      {head !== null && <Head>{head}</Head>}
      <NewChat as={Link} to="/" onClick={onChoose} data-new-chat="" data-testid="new-chat-button">
        <SquarePen size={17} aria-hidden />
        {text.chats.newChat}
      </NewChat>
      <SearchField
        type="button"
        aria-keyshortcuts={ariaKeys('search')}
        aria-haspopup="dialog"
        onClick={onSearch}
        data-testid="open-search"
      >
        <Search size={16} aria-hidden />
        <span>{text.chats.search}</span>
        <kbd aria-hidden>{shortcut('search')}</kbd>
      </SearchField>
      <List ref={list} aria-busy={recent.isPending}>
        <h2>{text.chats.recent}</h2>
        {recent.isError && sessions.length === 0 && (
          <p role="alert">
            {text.chats.failed} {isApiError(recent.error) && recent.error.isNetwork ? '' : text.errors.unknown}
          </p>
        )}
        {recent.isSuccess && sessions.length === 0 && <p>{text.chats.empty}</p>}
        {pinned.length > 0 && (
          <section aria-labelledby="chats-pinned">
            <h3 id="chats-pinned">{text.chats.pinned}</h3>
            {rows(pinned)}
          </section>
        )}
        {groups.map((group) => (
          <section key={group.name} aria-labelledby={`chats-${group.name}`}>
            <h3 id={`chats-${group.name}`}>{text.chats.groups[group.name]}</h3>
            {rows(group.sessions)}
          </section>
        ))}
        {recent.hasNextPage && (
          <p>
            <Button type="button" disabled={recent.isFetchingNextPage} onClick={() => void recent.fetchNextPage()}>
              {text.chats.more}
            </Button>
          </p>
        )}
      </List>
      <Places>
        <li>
          <NavLink to="/archive" onClick={onChoose} data-testid="open-archive">
            <Archive size={16} aria-hidden />
            {text.chats.archive}
          </NavLink>
        </li>
        <li>
          <NavLink to="/trash" onClick={onChoose} data-testid="open-trash">
            <Trash2 size={16} aria-hidden />
            {text.chats.trash}
          </NavLink>
        </li>
      </Places>
    </Nav>
  );
}
