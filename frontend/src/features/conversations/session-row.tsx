import { Archive, Download, Ellipsis, Pencil, Pin, PinOff, SlidersHorizontal, Trash2 } from 'lucide-react';
import { memo, type KeyboardEvent } from 'react';
import styled from 'styled-components';

import type { Session } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { Link } from '../../shared/lib/router';
import { c, radius } from '../../shared/theme/theme';
import { MenuButton } from '../../shared/ui/menu';
import { VisuallyHidden } from '../../shared/ui/visually-hidden';
import { exportChat } from './export';
import { setArchived, setPinned, shownTitle } from './housekeeping';
import { RenameField } from './rename-field';
import { beginRename, type Renaming } from './renaming';

const Row = styled.li`
  position: relative;
  display: flex;
  align-items: center;
  border-radius: ${radius.small};
  &:hover {
    background: ${c.bg.hover};
  }
  &[data-current='true'] {
    background: ${c.bg.selected};
  }
  > a {
    flex: 1;
    min-width: 0;
    padding: 7px 4px 7px 8px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    border-radius: ${radius.small};
    color: ${c.fg.default};
    text-decoration: none;
    font-size: 0.875rem;
    line-height: 1.4;
  }
  > a[aria-current] {
    font-weight: 600;
  }
  > a:focus-visible {
    outline-offset: -2px;
  }
  > svg {
    flex: none;
    margin-right: 2px;
    color: ${c.fg.muted};
  }
  > button {
    opacity: 0;
    margin-right: 2px;
  }
  &:hover > button,
  &:focus-within > button,
  > button[aria-expanded='true'] {
    opacity: 1;
  }
  @media (hover: none) {
    > button {
      opacity: 1;
    }
  }
`;

const Dot = styled.span`
  flex: none;
  width: 8px;
  height: 8px;
  margin-left: 8px;
  border-radius: 50%;
  background: ${c.accent.default};
`;

interface Props {
  session: Session;
  current: boolean;
  replying: boolean;
  renaming: Renaming | null;
  onChoose: () => void;
  onDelete: (session: Session) => void;
  /** The name is no longer being written; the row may have the focus back. */
  onRenamed: (sessionId: string, refocus: boolean) => void;
}

export const SessionRow = memo(function SessionRow(props: Props) {
  const { session, current, replying, renaming, onChoose, onDelete, onRenamed } = props;
  const title = shownTitle(session);
  const own = Object.keys(session.settings ?? {}).length > 0;
  const startRename = () => {
    beginRename(session, title);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'F2') startRename();
    else if (event.key === 'Delete') onDelete(session);
    else return;
    event.preventDefault();
  };
  if (renaming !== null) {
    return (
      <Row data-testid="session-row">
        <RenameField
          renaming={renaming}
          onDone={(refocus) => {
            onRenamed(session.sessionId, refocus);
          }}
        />
      </Row>
    );
  }
  return (
    <Row data-current={current} data-testid="session-row">
      {replying && <Dot aria-hidden />}
      <Link
        to={`/c/${encodeURIComponent(session.sessionId)}`}
        aria-current={current ? 'page' : undefined}
        aria-keyshortcuts="F2 Delete"
        title={title}
        data-session={session.sessionId}
        onClick={onChoose}
        onKeyDown={onKeyDown}
      >
        {title}
        {replying && <VisuallyHidden as="span"> ({text.chats.replying})</VisuallyHidden>}
        {own && <VisuallyHidden as="span"> ({text.models.own})</VisuallyHidden>}
      </Link>
      {own && <SlidersHorizontal size={12} aria-hidden />}
      <RowMenu
        session={session}
        title={title}
        onRename={startRename}
        onDelete={() => {
          onDelete(session);
        }}
      />
    </Row>
  );
});

interface MenuProps {
  session: Session;
  title: string;
  onRename: () => void;
  onDelete: () => void;
}

function RowMenu({ session, title, onRename, onDelete }: MenuProps) {
  const pinned = session.pinned === true;
  return (
    <MenuButton
      label={text.chats.options(title)}
      icon={<Ellipsis size={16} aria-hidden />}
      testId="chat-options"
      actions={[
        { name: 'rename', label: text.chats.rename, icon: <Pencil size={15} aria-hidden />, run: onRename },
        {
          name: 'pin',
          label: pinned ? text.chats.unpin : text.chats.pin,
          icon: pinned ? <PinOff size={15} aria-hidden /> : <Pin size={15} aria-hidden />,
          run: () => void setPinned(session, !pinned),
        },
        ...(['markdown', 'json'] as const).map((format) => ({
          name: `export-${format}`,
          label: text.chats.exportAs[format],
          icon: <Download size={15} aria-hidden />,
          run: () => {
            exportChat(session.sessionId, format);
          },
        })),
        {
          name: 'archive',
          label: text.chats.archive,
          icon: <Archive size={15} aria-hidden />,
          run: () => void setArchived(session, true),
        },
        {
          name: 'delete',
          label: text.chats.remove,
          icon: <Trash2 size={15} aria-hidden />,
          danger: true,
          run: onDelete,
        },
      ]}
    />
  );
}
