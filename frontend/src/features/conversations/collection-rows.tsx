import { Archive, ArchiveRestore, Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';
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

export function TrashRow({
  session,
  onRestore,
  onErase,
}: {
  session: Session;
  onRestore: () => void;
  onErase: () => void;
}) {
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

export function ArchiveRow({
  session,
  onReturn,
  onDelete,
}: {
  session: Session;
  onReturn: () => void;
  onDelete: () => void;
}) {
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
