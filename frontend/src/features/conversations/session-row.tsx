import { Trash2 } from 'lucide-react';
import { memo } from 'react';
import styled from 'styled-components';

import { titleOf } from '../../shared/api/chats';
import type { Session } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { Link } from '../../shared/lib/router';
import { c, radius } from '../../shared/theme/theme';
import { IconButton } from '../../shared/ui/icon-button';
import { VisuallyHidden } from '../../shared/ui/visually-hidden';

const Row = styled.li`
  position: relative;
  display: flex;
  align-items: center;
  border-radius: ${radius.small};
  &:hover { background: ${c.bg.hover}; }
  &[data-current='true'] { background: ${c.bg.selected}; }
  a { flex: 1; min-width: 0; padding: 7px 4px 7px 8px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; border-radius: ${radius.small}; color: ${c.fg.default}; text-decoration: none; font-size: 0.875rem; line-height: 1.4; }
  a[aria-current] { font-weight: 600; }
  a:focus-visible { outline-offset: -2px; }
  button { opacity: 0; margin-right: 2px; }
  &:hover button, &:focus-within button { opacity: 1; }
  @media (hover: none) { button { opacity: 1; } }
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
  onChoose: () => void;
  onDelete: (session: Session) => void;
}

export const SessionRow = memo(function SessionRow({ session, current, replying, onChoose, onDelete }: Props) {
  const title = titleOf(session) === '' ? text.chats.untitled : titleOf(session);
  return (
    <Row data-current={current} data-testid="session-row">
      {replying && <Dot aria-hidden />}
      <Link
        to={`/c/${encodeURIComponent(session.sessionId)}`}
        aria-current={current ? 'page' : undefined}
        title={title}
        data-session={session.sessionId}
        onClick={onChoose}
      >
        {title}
        {replying && <VisuallyHidden as="span"> ({text.chats.replying})</VisuallyHidden>}
      </Link>
      <IconButton type="button" aria-label={text.chats.remove(title)} title={text.dialog.remove} onClick={() => { onDelete(session); }} data-testid="delete-chat">
        <Trash2 size={15} aria-hidden />
      </IconButton>
    </Row>
  );
});
