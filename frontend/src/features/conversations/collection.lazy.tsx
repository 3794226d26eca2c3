import { useInfiniteQuery } from '@tanstack/react-query';
import { Archive, ArchiveRestore, Trash2, Undo2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import styled from 'styled-components';

import { isApiError } from '../../shared/api/errors';
import { listQuery } from '../../shared/api/lists';
import type { Session } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { collectionTexts } from '../../shared/i18n/collection-texts';
import { formatMoment } from '../../shared/lib/format';
import { Link } from '../../shared/lib/router';
import { c, columnWidth, radius } from '../../shared/theme/theme';
import { Button, DangerButton, DangerPrimaryButton } from '../../shared/ui/button';
import { Dialog, DialogActions } from '../../shared/ui/dialog';
import { IconButton } from '../../shared/ui/icon-button';
import { emptyTrash, erase, restore, setArchived, shownTitle } from './housekeeping';

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
  li:hover {
    background: ${c.bg.code};
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

const Nothing = styled.div`
  display: flex;
  flex-direction: column;
  align-items: center;
  gap: 12px;
  padding: 16vh 0;
  color: ${c.fg.muted};
`;

type Name = 'archived' | 'trash';
type Asking = Session | 'everything' | null;

/** The archive, or the trash, in place of a chat. */
export default function Collection({ name, onDelete }: { name: Name; onDelete: (session: Session) => void }) {
  const query = useInfiniteQuery(listQuery(name));
  const sessions = query.data?.pages.flatMap((page) => page.sessions) ?? [];
  const [asking, setAsking] = useState<Asking>(null);
  const list = useRef<HTMLDivElement | null>(null);
  const hint = name === 'trash' ? collectionTexts.trashHint : collectionTexts.archiveHint;

  useEffect(() => {
    document.getElementById('page-title')?.focus();
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
    <Page id="main" data-testid={`${name}-page`} aria-busy={query.isPending}>
      <div ref={list}>
        <Head>
          <p>{hint}</p>
          {name === 'trash' && sessions.length > 0 && (
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
        {query.isError && sessions.length === 0 && (
          <p role="alert">
            {collectionTexts.failed} {isApiError(query.error) ? query.error.message : text.errors.unknown}
          </p>
        )}
        {query.isSuccess && sessions.length === 0 && <Empty name={name} />}
        <Rows>
          {sessions.map((session) =>
            name === 'trash' ? (
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
        {query.hasNextPage && (
          <Button type="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {text.chats.more}
          </Button>
        )}
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

function Empty({ name }: { name: Name }) {
  const Icon = name === 'trash' ? Trash2 : Archive;
  return (
    <Nothing>
      <Icon size={32} strokeWidth={1.5} aria-hidden />
      <p>{name === 'trash' ? collectionTexts.trashEmpty : collectionTexts.archiveEmpty}</p>
    </Nothing>
  );
}

function TrashRow({ session, onRestore, onErase }: { session: Session; onRestore: () => void; onErase: () => void }) {
  const title = shownTitle(session);
  return (
    <li data-row={session.sessionId} data-testid="collection-row">
      <div>
        <b title={title}>{title}</b>
        <small>{collectionTexts.deleted(formatMoment(session.deleted_at ?? ''))}</small>
      </div>
      <Button type="button" aria-label={text.chats.restoreOne(title)} onClick={onRestore} data-testid="restore">
        <Undo2 size={15} aria-hidden />
        {text.chats.restore}
      </Button>
      <IconButton
        type="button"
        aria-label={text.chats.eraseOne(title)}
        title={text.chats.erase}
        onClick={onErase}
        data-testid="erase"
      >
        <Trash2 size={16} aria-hidden />
      </IconButton>
    </li>
  );
}

function ArchiveRow({ session, onReturn, onDelete }: { session: Session; onReturn: () => void; onDelete: () => void }) {
  const title = shownTitle(session);
  return (
    <li data-row={session.sessionId} data-testid="collection-row">
      <div>
        <Link to={`/c/${encodeURIComponent(session.sessionId)}`} title={title}>
          {title}
        </Link>
        <small>{collectionTexts.last(formatMoment(session.timestamp))}</small>
      </div>
      <IconButton
        type="button"
        aria-label={text.chats.unarchiveOne(title)}
        title={text.chats.unarchive}
        onClick={onReturn}
        data-testid="unarchive"
      >
        <ArchiveRestore size={17} aria-hidden />
      </IconButton>
      <IconButton
        type="button"
        aria-label={text.chats.removeOne(title)}
        title={text.chats.remove}
        onClick={onDelete}
        data-testid="delete-archived"
      >
        <Trash2 size={16} aria-hidden />
      </IconButton>
    </li>
  );
}

interface EraseProps {
  what: Session | 'everything';
  onErase: () => Promise<void>;
  onClose: () => void;
}

/** Says what is lost before it is. */
function EraseDialog({ what, onErase, onClose }: EraseProps) {
  const [busy, setBusy] = useState(false);
  const all = what === 'everything';
  const confirm = async () => {
    setBusy(true);
    await onErase();
  };
  return (
    <Dialog title={all ? text.chats.emptyTitle : text.chats.eraseTitle} onClose={onClose} testId="erase-dialog">
      <p>{all ? text.chats.emptyBody : text.chats.eraseBody(shownTitle(what))}</p>
      <p>{all ? text.chats.emptyLoss : text.chats.eraseLoss}</p>
      <DialogActions>
        <Button type="button" onClick={onClose}>
          {text.dialog.cancel}
        </Button>
        <DangerPrimaryButton type="button" disabled={busy} onClick={() => void confirm()} data-testid="confirm-erase">
          {all ? text.chats.emptyTrash : text.chats.erase}
        </DangerPrimaryButton>
      </DialogActions>
    </Dialog>
  );
}
