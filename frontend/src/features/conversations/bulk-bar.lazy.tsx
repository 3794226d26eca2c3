import { Archive, ArchiveRestore, CheckCheck, Pin, PinOff, Trash2, Undo2, X, type LucideIcon } from 'lucide-react';
import { useRef, useState } from 'react';
import styled from 'styled-components';

import type { Session } from '../../shared/api/types';
import { bulkText } from '../../shared/i18n/bulk-texts';
import { text } from '../../shared/i18n/messages';
import { useShortcut } from '../../shared/lib/shortcut';
import { c, radius } from '../../shared/theme/theme';
import { Button, DangerPrimaryButton } from '../../shared/ui/button';
import { Dialog, DialogActions } from '../../shared/ui/dialog';
import { IconButton } from '../../shared/ui/icon-button';
import { useToastsAbove } from '../../shared/ui/toasts-above';
import { archiveAll, discardAll, eraseAll, pinAll, restoreAll } from './bulk';
import { leaveSelection, selectAll, type SelectionPlace } from './selection';

const Bar = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px;
  padding: 6px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.raised};
  box-shadow: ${c.shadow.low};
  p {
    flex: 1;
    padding-left: 6px;
    font-size: 0.875rem;
    font-weight: 600;
    white-space: nowrap;
  }
`;

const Acts = styled.div`
  display: flex;
  flex: 1 1 100%;
  gap: 4px;
  button {
    flex: 1;
    gap: 6px;
    min-height: 34px;
    padding: 4px 6px;
    border-color: transparent;
    border-radius: ${radius.small};
    background: ${c.bg.hover};
    font-size: 0.8125rem;
  }
  [data-danger='true'] {
    color: ${c.fg.danger};
  }
`;

interface Act {
  name: string;
  label: string;
  icon: LucideIcon;
  danger?: boolean;
  run: (sessions: readonly Session[]) => void;
}

interface Props {
  place: SelectionPlace;
  /** Those that are listed now. */
  sessions: readonly Session[];
  ids: ReadonlySet<string>;
  /** These chats go away; gives what brings their page back. */
  onLeave: (sessions: readonly Session[]) => () => void;
  /** The selection is over: the focus goes back into the list. */
  onDone: () => void;
}

/** How many chats are selected, and what can be done to all of them. */
export default function BulkBar({ place, sessions, ids, onLeave, onDone }: Props) {
  const [asking, setAsking] = useState<readonly Session[] | null>(null);
  const bar = useRef<HTMLDivElement | null>(null);
  useToastsAbove(bar, place === 'current');
  const chosen = sessions.filter((session) => ids.has(session.sessionId));
  const all = chosen.length === sessions.length;
  const leave = () => {
    leaveSelection();
    onDone();
  };
  useShortcut('stop', () => {
    if (asking !== null) return false;
    leave();
    return true;
  });
  const acts = actsOf(place, chosen, onLeave, setAsking);
  return (
    <Bar ref={bar} role="group" aria-label={bulkText.region} data-testid="bulk-bar">
      <p role="status">{bulkText.count(chosen.length)}</p>
      <IconButton
        type="button"
        aria-label={all ? bulkText.none : bulkText.all}
        title={all ? bulkText.none : bulkText.all}
        aria-pressed={all}
        onClick={() => {
          selectAll(place, all ? [] : sessions.map((session) => session.sessionId));
        }}
        data-testid="select-all"
      >
        <CheckCheck size={17} aria-hidden />
      </IconButton>
      <IconButton
        type="button"
        aria-label={bulkText.done}
        title={bulkText.done}
        onClick={leave}
        data-testid="bulk-done"
      >
        <X size={17} aria-hidden />
      </IconButton>
      <Acts>
        {acts.map(({ name, label, icon: Icon, danger = false, run }) => (
          <Button
            key={name}
            type="button"
            disabled={chosen.length === 0}
            data-danger={danger}
            data-testid={`bulk-${name}`}
            onClick={() => {
              run(chosen);
              if (name !== 'erase') leave();
            }}
          >
            <Icon size={15} aria-hidden />
            {label}
          </Button>
        ))}
      </Acts>
      {asking !== null && (
        <EraseDialog
          count={asking.length}
          onErase={() => {
            void eraseAll(asking);
            setAsking(null);
            leave();
          }}
          onClose={() => {
            setAsking(null);
          }}
        />
      )}
    </Bar>
  );
}

function actsOf(
  place: SelectionPlace,
  chosen: readonly Session[],
  onLeave: Props['onLeave'],
  onErase: (sessions: readonly Session[]) => void,
): Act[] {
  const discard: Act = {
    name: 'delete',
    label: bulkText.remove,
    icon: Trash2,
    danger: true,
    run: (sessions) => void discardAll(sessions, onLeave(sessions)),
  };
  if (place === 'trash')
    return [
      { name: 'restore', label: bulkText.restore, icon: Undo2, run: (sessions) => void restoreAll(sessions) },
      { name: 'erase', label: bulkText.erase, icon: Trash2, danger: true, run: onErase },
    ];
  if (place === 'archived')
    return [
      {
        name: 'unarchive',
        label: bulkText.unarchive,
        icon: ArchiveRestore,
        run: (sessions) => void archiveAll(sessions, false),
      },
      discard,
    ];
  const pinned = chosen.length > 0 && chosen.every((session) => session.pinned === true);
  return [
    {
      name: 'pin',
      label: pinned ? bulkText.unpin : bulkText.pin,
      icon: pinned ? PinOff : Pin,
      run: (sessions) => void pinAll(sessions, !pinned),
    },
    { name: 'archive', label: bulkText.archive, icon: Archive, run: (sessions) => void archiveAll(sessions, true) },
    discard,
  ];
}

function EraseDialog({ count, onErase, onClose }: { count: number; onErase: () => void; onClose: () => void }) {
  return (
    <Dialog title={bulkText.eraseTitle(count)} onClose={onClose} testId="bulk-erase-dialog">
      <p>{bulkText.eraseBody(count)}</p>
      <p>{text.chats.emptyLoss}</p>
      <DialogActions>
        <Button type="button" onClick={onClose}>
          {text.dialog.cancel}
        </Button>
        <DangerPrimaryButton type="button" onClick={onErase} data-testid="confirm-bulk-erase">
          {bulkText.erase}
        </DangerPrimaryButton>
      </DialogActions>
    </Dialog>
  );
}
