import { useInfiniteQuery } from '@tanstack/react-query';
import { Archive, Search, SquarePen, Trash2 } from 'lucide-react';
import { lazy, Suspense, useCallback, useRef, type ReactNode } from 'react';
import { isApiError } from '../../shared/api/errors';
import { listQuery } from '../../shared/api/lists';
import type { Session } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { lazyPart, partPlace } from '../../shared/lib/lazy-part';
import { Link, NavLink } from '../../shared/lib/router';
import { ariaKeys, shortcut } from '../../shared/lib/shortcut';
import { useLatest } from '../../shared/lib/use-latest';
import { useNow } from '../../shared/lib/use-now';
import { groupByDate } from './date-groups';
import { useRenaming } from './renaming';
import { select, useSelection } from './selection';
import { SessionRow } from './session-row';
import { Head, List, Nav, NewChat, Places, SearchField } from './sidebar-styles';

const MoreChats = partPlace(
  lazyPart(() => import('./more-chats.lazy')),
  (part) => part.MoreChats,
);
const BulkBar = lazy(() => import('./bulk-bar.lazy'));

interface Props {
  /** What stands above the list. */
  head: ReactNode;
  current: string | null;
  replying: ReadonlySet<string>;
  /** A chat was chosen, or a new one. */
  onChoose: () => void;
  onSearch: () => void;
  onDelete: (session: Session) => void;
  /** These chats go away; gives what brings their page back. */
  onLeave: (sessions: readonly Session[]) => () => void;
}

export function Sidebar({ head, current, replying, onChoose, onSearch, onDelete, onLeave }: Props) {
  const recent = useInfiniteQuery(listQuery('current'));
  const pinned = useInfiniteQuery(listQuery('pinned')).data?.pages.flatMap((page) => page.sessions) ?? [];
  const renaming = useRenaming();
  const list = useRef<HTMLDivElement | null>(null);
  const sessions = recent.data?.pages.flatMap((page) => page.sessions) ?? [];
  const selection = useSelection('current');
  const others = sessions.filter((session) => session.pinned !== true);
  const groups = groupByDate(others, useNow());

  const focusRow = useCallback((sessionId: string | undefined) => {
    const target = sessionId === undefined ? '[data-new-chat]' : `[data-session="${CSS.escape(sessionId)}"]`;
    requestAnimationFrame(() => list.current?.parentElement?.querySelector<HTMLElement>(target)?.focus());
  }, []);
  const shownIds = useCallback(
    () =>
      [...(list.current?.querySelectorAll<HTMLElement>('[data-session]') ?? [])].map(
        (row) => row.dataset.session ?? '',
      ),
    [],
  );
  const onSelect = useCallback(
    (sessionId: string, range: boolean) => {
      select('current', sessionId, range ? shownIds() : null);
      focusRow(sessionId);
    },
    [focusRow, shownIds],
  );
  const remove = useLatest((session: Session) => {
    const shown = shownIds();
    const at = shown.indexOf(session.sessionId);
    focusRow(shown[at + 1] ?? shown[at - 1]);
    onDelete(session);
  });
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
          selected={selection === null ? null : selection.has(session.sessionId)}
          onSelect={onSelect}
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
      <List ref={list} data-scroller="" aria-busy={recent.isPending}>
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
        {recent.hasNextPage && <MoreChats query={recent} />}
      </List>
      {selection !== null && (
        <Suspense fallback={null}>
          <BulkBar
            place="current"
            sessions={[...pinned, ...others]}
            ids={selection}
            onLeave={onLeave}
            onDone={() => {
              focusRow(shownIds()[0]);
            }}
          />
        </Suspense>
      )}
      <Places hidden={selection !== null}>
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
