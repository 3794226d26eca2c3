import { Archive, ArchiveRestore, Trash2, Undo2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import styled from 'styled-components';

import type { Session } from '../../shared/api/types';
import { collectionTexts } from '../../shared/i18n/collection-texts';
import { text } from '../../shared/i18n/messages';
import { formatMoment } from '../../shared/lib/format';
import { Link } from '../../shared/lib/router';
import { c } from '../../shared/theme/theme';
import { Button, DangerPrimaryButton } from '../../shared/ui/button';
import { Dialog, DialogActions } from '../../shared/ui/dialog';
import { IconButton } from '../../shared/ui/icon-button';
import { shownTitle } from './housekeeping';
import { select } from './selection';

/** The rows of the archive and of the trash, and what is asked before something is lost. */

export type Name = 'archived' | 'trash';

const Nothing = styled.div`
  display: flex;
  flex-direction: column;
  align-items: center;
  gap: 12px;
  padding: 16vh 0;
  color: ${c.fg.muted};
`;

interface SelectableProps {
  name: Name;
  session: Session;
  selected: boolean;
  /** The chats as they are shown. */
  range: readonly Session[];
}

export function SelectableRow({ name, session, selected, range }: SelectableProps) {
  const title = shownTitle(session);
  const toggle = (shift: boolean) => {
    select(name, session.sessionId, shift ? range.map((other) => other.sessionId) : null);
  };
  return (
    <li data-row={session.sessionId} data-testid="collection-row">
      <label>
        <input
          type="checkbox"
          checked={selected}
          onChange={(event) => {
            toggle((event.nativeEvent as PointerEvent).shiftKey);
          }}
          onKeyDown={(event) => {
            if (event.key === 'x') toggle(false);
          }}
        />
        <b title={title}>{title}</b>
      </label>
    </li>
  );
}

export function Empty({ name }: { name: Name }) {
  const Icon = name === 'trash' ? Trash2 : Archive;
  return (
    <Nothing>
      <Icon size={32} strokeWidth={1.5} aria-hidden />
      <p>{name === 'trash' ? collectionTexts.trashEmpty : collectionTexts.archiveEmpty}</p>
    </Nothing>
  );
}

interface RowProps {
  session: Session;
  /** What it is called, and when it was what. */
  title: ReactNode;
  when: string;
  /** What can be done beside deleting it. */
  children: ReactNode;
  away: { label: string; hint: string; testId: string; onClick: () => void };
}

function Row({ session, title, when, children, away }: RowProps) {
  return (
    <li data-row={session.sessionId} data-testid="collection-row">
      <div>
        {title}
        <small>{when}</small>
      </div>
      {children}
      <IconButton
        type="button"
        aria-label={away.label}
        title={away.hint}
        onClick={away.onClick}
        data-testid={away.testId}
      >
        <Trash2 size={16} aria-hidden />
      </IconButton>
    </li>
  );
}

interface TrashProps {
  session: Session;
  onRestore: () => void;
  onErase: () => void;
}

export function TrashRow({ session, onRestore, onErase }: TrashProps) {
  const title = shownTitle(session);
  return (
    <Row
      session={session}
      title={<b title={title}>{title}</b>}
      when={collectionTexts.deleted(formatMoment(session.deleted_at ?? ''))}
      away={{ label: text.chats.eraseOne(title), hint: text.chats.erase, testId: 'erase', onClick: onErase }}
    >
      <Button type="button" aria-label={text.chats.restoreOne(title)} onClick={onRestore} data-testid="restore">
        <Undo2 size={15} aria-hidden />
        {text.chats.restore}
      </Button>
    </Row>
  );
}

interface ArchiveProps {
  session: Session;
  onReturn: () => void;
  onDelete: () => void;
}

export function ArchiveRow({ session, onReturn, onDelete }: ArchiveProps) {
  const title = shownTitle(session);
  return (
    <Row
      session={session}
      title={
        <Link to={`/c/${encodeURIComponent(session.sessionId)}`} title={title}>
          {title}
        </Link>
      }
      when={collectionTexts.last(formatMoment(session.timestamp))}
      away={{
        label: text.chats.removeOne(title),
        hint: text.chats.remove,
        testId: 'delete-archived',
        onClick: onDelete,
      }}
    >
      <IconButton
        type="button"
        aria-label={text.chats.unarchiveOne(title)}
        title={text.chats.unarchive}
        onClick={onReturn}
        data-testid="unarchive"
      >
        <ArchiveRestore size={17} aria-hidden />
      </IconButton>
    </Row>
  );
}

interface EraseProps {
  what: Session | 'everything';
  onErase: () => Promise<void>;
  onClose: () => void;
}

/** Says what is lost before it is. */
export function EraseDialog({ what, onErase, onClose }: EraseProps) {
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
