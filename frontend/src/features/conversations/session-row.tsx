import { SlidersHorizontal } from 'lucide-react';
import { memo, type KeyboardEvent, type MouseEvent } from 'react';
import styled from 'styled-components';

import type { Session } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { lazyPart } from '../../shared/lib/lazy-part';
import { Link } from '../../shared/lib/router';
import { c, radius } from '../../shared/theme/theme';
import { VisuallyHidden } from '../../shared/ui/visually-hidden';
import { shownTitle } from './housekeeping';
import { beginRename, type Renaming } from './renaming';
import { RowMenu } from './row-menu';

const Row = styled.li`
  position: relative;
  display: flex;
  align-items: center;
  border-radius: ${radius.small};
  &:hover {
    background: ${c.bg.hover};
  }
  content-visibility: auto;
  contain-intrinsic-size: auto 34px;
  &[data-current='true'],
  &[data-selected='true'] {
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
  > label {
    display: flex;
    flex: 1;
    align-items: center;
    gap: 9px;
    min-width: 0;
    min-height: 34px;
    padding: 5px 8px;
    font-size: 0.875rem;
    line-height: 1.4;
    cursor: pointer;
  }
  > label span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  input[type='checkbox'] {
    flex: none;
    width: 17px;
    height: 17px;
    margin: 0;
    accent-color: ${c.accent.default};
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

const useRenameField = lazyPart(() => import('./rename-field.lazy'), true);

interface Props {
  session: Session;
  current: boolean;
  replying: boolean;
  renaming: Renaming | null;
  /** Absent while nothing is being selected. */
  selected: boolean | null;
  onSelect: (sessionId: string, range: boolean) => void;
  onChoose: () => void;
  onDelete: (session: Session) => void;
  /** The name is no longer being written; the row may have the focus back. */
  onRenamed: (sessionId: string, refocus: boolean) => void;
}

export const SessionRow = memo(function SessionRow(props: Props) {
  const { session, current, replying, renaming, selected, onSelect, onChoose, onDelete, onRenamed } = props;
  const title = shownTitle(session);
  const own = Object.keys(session.settings ?? {}).length > 0;
  const startRename = () => {
    beginRename(session, title);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const plain = !(event.ctrlKey || event.metaKey || event.altKey);
    if (event.key === 'F2') startRename();
    else if (event.key === 'Delete') onDelete(session);
    else if (event.key === 'x' && plain) onSelect(session.sessionId, false);
    else return;
    event.preventDefault();
  };
  if (renaming !== null) {
    return (
      <Row data-testid="session-row">
        <RenamePlace
          title={title}
          renaming={renaming}
          onDone={(refocus) => {
            onRenamed(session.sessionId, refocus);
          }}
        />
      </Row>
    );
  }
  if (selected !== null) {
    return <SelectableRow session={session} title={title} selected={selected} onSelect={onSelect} />;
  }
  const onClick = (event: MouseEvent) => {
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      event.preventDefault();
      onSelect(session.sessionId, event.shiftKey);
    } else onChoose();
  };
  return (
    <Row data-current={current} data-testid="session-row">
      {replying && <Dot aria-hidden />}
      <Link
        to={`/c/${encodeURIComponent(session.sessionId)}`}
        aria-current={current ? 'page' : undefined}
        aria-keyshortcuts="F2 Delete X"
        title={title}
        data-session={session.sessionId}
        onClick={onClick}
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
        onSelect={() => {
          onSelect(session.sessionId, false);
        }}
        onDelete={() => {
          onDelete(session);
        }}
      />
    </Row>
  );
});

interface RenameProps {
  title: string;
  renaming: Renaming;
  onDone: (refocus: boolean) => void;
}

function RenamePlace({ title, renaming, onDone }: RenameProps) {
  const part = useRenameField(true);
  return part === null ? title : <part.RenameField renaming={renaming} onDone={onDone} />;
}

interface SelectableProps {
  session: Session;
  title: string;
  selected: boolean;
  onSelect: Props['onSelect'];
}

/** A chat while some are being selected: a box to tick in place of the way to it. */
function SelectableRow({ session, title, selected, onSelect }: SelectableProps) {
  return (
    <Row data-selected={selected} data-testid="session-row">
      <label title={title}>
        <input
          type="checkbox"
          checked={selected}
          data-session={session.sessionId}
          onChange={(event) => {
            onSelect(session.sessionId, (event.nativeEvent as PointerEvent).shiftKey);
          }}
          onKeyDown={(event) => {
            if (event.key === 'x') onSelect(session.sessionId, false);
          }}
        />
        <span>{title}</span>
      </label>
    </Row>
  );
}
