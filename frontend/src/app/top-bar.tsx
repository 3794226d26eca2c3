import { useQuery } from '@tanstack/react-query';
import { PanelLeft, SquarePen } from 'lucide-react';
import styled from 'styled-components';

import { signOut } from '../features/auth/sign-out';
import { UserMenu } from '../features/auth/user-menu';
import { configQuery } from '../shared/api/chats';
import { text } from '../shared/i18n/messages';
import { Link } from '../shared/lib/router';
import { c, radius, wide } from '../shared/theme/theme';
import { Brand } from '../shared/ui/brand';
import { IconButton } from '../shared/ui/icon-button';
import { VisuallyHidden } from '../shared/ui/visually-hidden';

const Header = styled.header`
  display: flex;
  align-items: center;
  gap: 10px;
  flex: none;
  height: 52px;
  padding: 0 14px;
  border-bottom: 1px solid transparent;
  background: ${c.bg.canvas};
  &[data-titled='true'] {
    border-color: ${c.border.subtle};
  }
`;

const Title = styled.h1`
  flex: 1;
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  padding: 0 4px;
  color: ${c.fg.default};
  font-size: 0.9375rem;
  font-weight: 600;
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

const Mark = styled.span`
  padding: 1px 10px;
  border: 1px solid ${c.fg.notice};
  border-radius: ${radius.full};
  background: ${c.bg.notice};
  color: ${c.fg.notice};
  font-size: 0.8125rem;
  font-weight: 500;
`;

/** No answer here is a model's: said on every screen, without taking a line of it. */
function DemoMark() {
  const config = useQuery(configQuery);
  if (config.data?.demo !== true) return null;
  return (
    <Mark data-testid="demo-mark" title={text.demo.explained}>
      {text.demo.mark}
      <VisuallyHidden>{`: ${text.demo.explained}`}</VisuallyHidden>
    </Mark>
  );
}

interface Props {
  title: string | null;
  sidebarOpen: boolean;
  onToggle: () => void;
}

export function TopBar({ title, sidebarOpen, onToggle }: Props) {
  const label = sidebarOpen ? text.chats.toggleClose : text.chats.toggleOpen;
  return (
    <Header data-testid="top-bar" data-titled={title !== null}>
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
      {!sidebarOpen && (
        <BrandPlace data-titled={title !== null}>
          <Brand />
        </BrandPlace>
      )}
      {title === null ? (
        <Gap />
      ) : (
        <Title id="page-title" tabIndex={-1} title={title} data-testid="chat-title">
          {title}
        </Title>
      )}
      <DemoMark />
      <UserMenu onSignOut={signOut} />
    </Header>
  );
}
