import { useInfiniteQuery } from '@tanstack/react-query';
import { ListChecks, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import styled from 'styled-components';

import { isApiError } from '../../shared/api/errors';
import { listQuery } from '../../shared/api/lists';
import type { Session } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { collectionTexts } from '../../shared/i18n/collection-texts';
import { c, columnWidth, radius } from '../../shared/theme/theme';
import { Button, DangerButton } from '../../shared/ui/button';
import BulkBar from './bulk-bar.lazy';
import { ArchiveRow, Empty, EraseDialog, SelectableRow, TrashRow, type Name } from './collection-rows';
import { emptyTrash, erase, restore, setArchived } from './housekeeping';
import { MoreChats } from './more-chats.lazy';
import { leaveSelection, selectAll, useSelection } from './selection';

const Page = styled.main`
  flex: 1;
  min-width: 0;
  overflow-y: auto;
  padding: 24px 16px 48px;
  background: ${c.bg.canvas};
  > div {
    max-width: ${columnWidth};
    margin: 0 auto;
  }
`;

const Head = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 10px 16px;
  margin-bottom: 14px;
  p {
    flex: 1 1 16rem;
    color: ${c.fg.muted};
    font-size: 0.875rem;
  }
`;

const Rows = styled.ul`
  margin: 0;
  padding: 0;
  list-style: none;
  li {
    display: flex;
    align-items: center;
    gap: 4px;
    padding: 9px 4px 9px 12px;
    border-bottom: 1px solid ${c.border.subtle};
  }
  li {
    content-visibility: auto;
    contain-intrinsic-size: auto 62px;
  }
  li:hover {
    background: ${c.bg.code};
  }
  label {
    display: flex;
    flex: 1;
    align-items: center;
    gap: 12px;
    min-width: 0;
    cursor: pointer;
  }
  input[type='checkbox'] {
    flex: none;
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: ${c.accent.default};
  }
  div {
    flex: 1;
    min-width: 0;
  }
  b,
  a {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: ${c.fg.default};
    font-weight: 500;
    text-decoration: none;
    border-radius: ${radius.small};
  }
  a:hover {
    text-decoration: underline;
  }
  small {
    color: ${c.fg.muted};
    font-size: 0.8125rem;
  }
  @media (max-width: 599px) {
    b,
    a {
      white-space: normal;
      overflow-wrap: anywhere;
    }
    button {
      padding-inline: 10px;
    }
  }
`;

const Sticky = styled.div`
  position: sticky;
  z-index: 1;
  top: -16px;
  margin-bottom: 10px;
`;

type Asking = Session | 'everything' | null;

interface CollectionProps {
  name: Name;
  onDelete: (session: Session) => void;
  /** These chats go away; gives what brings their page back. */
  onLeave: (sessions: readonly Session[]) => () => void;
}

/** The archive, or the trash, in place of a chat. */
export default function Collection({ name, onDelete, onLeave }: CollectionProps) {
  const query = useInfiniteQuery(listQuery(name));
  const sessions = query.data?.pages.flatMap((page) => page.sessions) ?? [];
  const [asking, setAsking] = useState<Asking>(null);
  const selection = useSelection(name);
  const list = useRef<HTMLDivElement | null>(null);
  const hint = name === 'trash' ? collectionTexts.trashHint : collectionTexts.archiveHint;

  useEffect(() => {
    document.getElementById('page-title')?.focus();
    return leaveSelection;
  }, []);

  /** The row is about to go: the next one has the focus, or the heading. */
  const leaveRow = (session: Session) => {
    const at = sessions.findIndex((other) => other.sessionId === session.sessionId);
    const next = sessions[at + 1] ?? sessions[at - 1];
    requestAnimationFrame(() => {
      const row = next === undefined ? null : list.current?.querySelector(`[data-row="${CSS.escape(next.sessionId)}"]`);
      (row?.querySelector<HTMLElement>('a, button') ?? document.getElementById('page-title'))?.focus();
    });
  };
  const eraseAsked = async () => {
    const what = asking;
    if (what === null) return;
    const done = what === 'everything' ? await emptyTrash() : await erase(what);
    setAsking(null);
    if (!done) return;
    if (what === 'everything') requestAnimationFrame(() => document.getElementById('page-title')?.focus());
    else leaveRow(what);
  };
  const leaveWith = (session: Session, act: () => void) => () => {
    leaveRow(session);
    act();
  };

  return (
    <Page id="main" data-scroller="" data-testid={`${name}-page`} aria-busy={query.isPending}>
      <div ref={list}>
        <Head>
          <p>{hint}</p>
          {selection === null && sessions.length > 0 && (
            <Button
              type="button"
              onClick={() => {
                selectAll(name, []);
              }}
              data-testid="select-some"
            >
              <ListChecks size={15} aria-hidden />
              {text.chats.selectSome}
            </Button>
          )}
          {name === 'trash' && selection === null && sessions.length > 0 && (
            <DangerButton
              type="button"
              onClick={() => {
                setAsking('everything');
              }}
              data-testid="empty-trash"
            >
              <Trash2 size={15} aria-hidden />
              {text.chats.emptyTrash}
            </DangerButton>
          )}
        </Head>
        {selection !== null && (
          <Sticky>
            <BulkBar
              place={name}
              sessions={sessions}
              ids={selection}
              onLeave={onLeave}
              onDone={() => {
                document.getElementById('page-title')?.focus();
              }}
            />
          </Sticky>
        )}
        {query.isError && sessions.length === 0 && (
          <p role="alert">
            {collectionTexts.failed} {isApiError(query.error) ? query.error.message : text.errors.unknown}
          </p>
        )}
        {query.isSuccess && sessions.length === 0 && <Empty name={name} />}
        <Rows>
          {sessions.map((session) =>
            selection !== null ? (
              <SelectableRow
                key={session.sessionId}
                name={name}
                session={session}
                selected={selection.has(session.sessionId)}
                range={sessions}
              />
            ) : name === 'trash' ? (
              <TrashRow
                key={session.sessionId}
                session={session}
                onRestore={leaveWith(session, () => void restore(session))}
                onErase={() => {
                  setAsking(session);
                }}
              />
            ) : (
              <ArchiveRow
                key={session.sessionId}
                session={session}
                onReturn={leaveWith(session, () => void setArchived(session, false))}
                onDelete={leaveWith(session, () => {
                  onDelete(session);
                })}
              />
            ),
          )}
        </Rows>
        <MoreChats query={query} />
      </div>
      {asking !== null && (
        <EraseDialog
          what={asking}
          onErase={eraseAsked}
          onClose={() => {
            setAsking(null);
          }}
        />
      )}
    </Page>
  );
}
