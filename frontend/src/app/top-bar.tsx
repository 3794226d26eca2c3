import { PanelLeft, SquarePen } from 'lucide-react';
import styled from 'styled-components';

import { signOut } from '../features/auth/sign-out';
import { UserMenu } from '../features/auth/user-menu';
import { text } from '../shared/i18n/messages';
import { Link } from '../shared/lib/router';
import { c, wide } from '../shared/theme/theme';
import { Brand } from '../shared/ui/brand';
import { IconButton } from '../shared/ui/icon-button';

const Header = styled.header`
  display: flex;
  align-items: center;
  gap: 10px;
  flex: none;
  height: 52px;
  padding: 0 14px;
  border-bottom: 1px solid ${c.border.subtle};
  background: ${c.bg.canvas};
`;

const Title = styled.h1`
  flex: 1;
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  color: ${c.fg.muted};
  font-size: 0.875rem;
  font-weight: 500;
  text-align: center;
`;

const Gap = styled.div`
  flex: 1;
`;

const BrandPlace = styled.div`
  display: flex;
  @media not all and ${wide} {
    &[data-titled='true'] {
      display: none;
    }
  }
`;

interface Props {
  title: string | null;
  sidebarOpen: boolean;
  onToggle: () => void;
}

export function TopBar({ title, sidebarOpen, onToggle }: Props) {
  const label = sidebarOpen ? text.chats.toggleClose : text.chats.toggleOpen;
  return (
    <Header data-testid="top-bar">
      <IconButton
        type="button"
        aria-label={label}
        title={label}
        aria-expanded={sidebarOpen}
        onClick={onToggle}
        data-testid="sidebar-toggle"
      >
        <PanelLeft size={18} aria-hidden />
      </IconButton>
      {!sidebarOpen && (
        <IconButton
          as={Link}
          to="/"
          aria-label={text.chats.newChat}
          title={text.chats.newChat}
          data-testid="new-chat-icon"
        >
          <SquarePen size={17} aria-hidden />
        </IconButton>
      )}
      <BrandPlace data-titled={title !== null}>
        <Brand />
      </BrandPlace>
      {title === null ? (
        <Gap />
      ) : (
        <Title id="page-title" tabIndex={-1} title={title} data-testid="chat-title">
          {title}
        </Title>
      )}
      <UserMenu onSignOut={signOut} />
    </Header>
  );
}
