import { useInfiniteQuery } from '@tanstack/react-query';
import { SquarePen } from 'lucide-react';
import { useRef, useState } from 'react';
import styled from 'styled-components';

import { sessionsQuery, titleOf } from '../../shared/api/chats';
import { isApiError } from '../../shared/api/errors';
import type { Session } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { Link } from '../../shared/lib/router';
import { useNow } from '../../shared/lib/use-now';
import { c } from '../../shared/theme/theme';
import { Button } from '../../shared/ui/button';
import { groupByDate } from './date-groups';
import { DeleteChat } from './delete-chat';
import { SessionRow } from './session-row';

const Nav = styled.nav`
  display: flex;
  flex-direction: column;
  height: 100%;
  min-height: 0;
  padding: 12px;
  gap: 12px;
`;

const NewChat = styled(Button)`
  justify-content: flex-start;
  text-decoration: none;
  font-weight: 500;
`;

const List = styled.div`
  flex: 1;
  min-height: 0;
  overflow-y: auto;
  margin: 0 -6px;
  padding: 2px 6px;
  h2 { margin: 4px 8px 2px; font-size: 0.9375rem; font-weight: 600; }
  h3 { margin: 14px 8px 4px; color: ${c.fg.muted}; font-size: 0.78rem; font-weight: 600; }
  ul { margin: 0; padding: 0; list-style: none; }
  p { margin: 8px; color: ${c.fg.muted}; font-size: 0.875rem; }
`;

interface Props {
  current: string | null;
  replying: ReadonlySet<string>;
  /** A chat was chosen, or a new one. */
  onChoose: () => void;
  onDeleted: (sessionId: string) => void;
}

export function Sidebar({ current, replying, onChoose, onDeleted }: Props) {
  const query = useInfiniteQuery(sessionsQuery);
  const [deleting, setDeleting] = useState<Session | null>(null);
  const list = useRef<HTMLDivElement | null>(null);
  const sessions = query.data?.pages.flatMap((page) => page.sessions) ?? [];
  const groups = groupByDate(sessions, useNow());

  /** Once the dialog is closed: until then nothing outside it can have the focus. */
  const focusAfter = (sessionId: string) => {
    const index = sessions.findIndex((session) => session.sessionId === sessionId);
    const next = sessions[index + 1] ?? sessions[index - 1];
    const target = next === undefined ? '[data-new-chat]' : `[data-session="${CSS.escape(next.sessionId)}"]`;
    requestAnimationFrame(() => list.current?.parentElement?.querySelector<HTMLElement>(target)?.focus());
  };

  return (
    <Nav aria-label={text.chats.nav} data-testid="sidebar">
      <NewChat as={Link} to="/" onClick={onChoose} data-new-chat="" data-testid="new-chat-button">
        <SquarePen size={17} aria-hidden />
        {text.chats.newChat}
      </NewChat>
      <List ref={list} aria-busy={query.isPending}>
        <h2>{text.chats.recent}</h2>
        {query.isError && sessions.length === 0 && (
          <p role="alert">
            {text.chats.failed} {isApiError(query.error) && query.error.isNetwork ? '' : text.errors.unknown}
          </p>
        )}
        {query.isSuccess && sessions.length === 0 && <p>{text.chats.empty}</p>}
        {groups.map((group) => (
          <section key={group.name} aria-labelledby={`chats-${group.name}`}>
            <h3 id={`chats-${group.name}`}>{text.chats.groups[group.name]}</h3>
            <ul>
              {group.sessions.map((session) => (
                <SessionRow
                  key={session.sessionId}
                  session={session}
                  current={session.sessionId === current}
                  replying={replying.has(session.sessionId)}
                  onChoose={onChoose}
                  onDelete={setDeleting}
                />
              ))}
            </ul>
          </section>
        ))}
        {query.hasNextPage && (
          <p>
            <Button type="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {text.chats.more}
            </Button>
          </p>
        )}
      </List>
      {deleting !== null && (
        <DeleteChat
          sessionId={deleting.sessionId}
          title={titleOf(deleting)}
          onClose={(deleted) => {
            setDeleting(null);
            if (!deleted) return;
            focusAfter(deleting.sessionId);
            onDeleted(deleting.sessionId);
          }}
        />
      )}
    </Nav>
  );
}
