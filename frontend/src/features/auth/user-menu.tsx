import { useQuery } from '@tanstack/react-query';
import { Check, Keyboard, LogOut, Settings } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import styled from 'styled-components';

import { userQuery } from '../../shared/api/chats';
import { text } from '../../shared/i18n/messages';
import { setMode, useMode, type Mode } from '../../shared/theme/mode';
import { c, radius } from '../../shared/theme/theme';
import { menuItems, moveInMenu } from '../../shared/ui/menu-keys';
import { openSettings } from '../settings/open';

const Holder = styled.div`
  position: relative;
`;

const Avatar = styled.button`
  display: inline-flex;
  align-items: center;
  justify-content: center;
  width: 34px;
  height: 34px;
  padding: 0;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.full};
  background: ${c.bg.selected};
  color: ${c.fg.default};
  font-size: 0.875rem;
  font-weight: 600;
  &:hover {
    border-color: ${c.accent.default};
  }
`;

const Panel = styled.div`
  position: absolute;
  z-index: 20;
  top: calc(100% + 8px);
  right: 0;
  width: min(17rem, calc(100vw - 24px));
  padding: 6px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.raised};
  box-shadow: ${c.shadow.raised};
`;

const Person = styled.div`
  padding: 8px 10px 10px;
  margin-bottom: 6px;
  border-bottom: 1px solid ${c.border.subtle};
  overflow-wrap: anywhere;
  line-height: 1.4;
  b {
    display: block;
    font-weight: 600;
  }
  span {
    color: ${c.fg.muted};
    font-size: 0.8125rem;
  }
`;

const Heading = styled.div`
  padding: 4px 10px;
  color: ${c.fg.muted};
  font-size: 0.78rem;
  font-weight: 600;
`;

const Item = styled.button`
  display: flex;
  align-items: center;
  justify-content: space-between;
  width: 100%;
  min-height: 34px;
  padding: 5px 10px;
  border: 0;
  border-radius: ${radius.small};
  background: transparent;
  text-align: left;
  font-size: 0.875rem;
  &:hover,
  &:focus-visible {
    background: ${c.bg.hover};
  }
  &:focus-visible {
    outline-offset: -2px;
  }
`;

const Group = styled.div`
  margin-bottom: 6px;
  padding-bottom: 6px;
  border-bottom: 1px solid ${c.border.subtle};
`;

const modes: readonly Mode[] = ['system', 'light', 'dark'];
const places = [
  { name: 'settings', label: text.user.settings, icon: Settings },
  { name: 'shortcuts', label: text.user.shortcuts, icon: Keyboard },
] as const;

export function UserMenu({ onSignOut }: { onSignOut: () => void }) {
  const user = useQuery(userQuery);
  const mode = useMode();
  const [open, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement | null>(null);
  const trigger = useRef<HTMLButtonElement | null>(null);
  const panelId = useId();
  const name = user.data?.username ?? user.data?.email ?? (user.isPending ? text.loading : text.user.unknown);
  const email = user.data?.email ?? '';
  const initial = user.data === undefined ? 'U' : (Array.from(name)[0] ?? 'U').toUpperCase();

  useEffect(() => {
    if (!open) return undefined;
    menuItems(holder.current)[0]?.focus();
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && holder.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
    };
  }, [open]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (!open) return;
    moveInMenu(event, holder.current);
    if (event.key === 'Escape') {
      event.preventDefault();
      setOpen(false);
      trigger.current?.focus();
    } else if (event.key === 'Tab') setOpen(false);
  };

  return (
    // The keys belong to the menu inside; the holder only hears them.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <Holder ref={holder} onKeyDown={onKeyDown}>
      <Avatar
        ref={trigger}
        type="button"
        aria-label={text.user.menu(name)}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? panelId : undefined}
        data-testid="user-menu-button"
        onClick={() => {
          setOpen(!open);
        }}
      >
        {initial}
      </Avatar>
      {open && (
        <Panel data-testid="user-menu">
          <Person>
            <b>{name}</b>
            {email !== '' && email !== name && <span>{email}</span>}
          </Person>
          <div id={panelId} role="menu" aria-label={text.user.menu(name)}>
            <Group role="group" aria-label={text.user.theme}>
              <Heading aria-hidden>{text.user.theme}</Heading>
              {modes.map((choice) => (
                <Item
                  key={choice}
                  type="button"
                  role="menuitemradio"
                  aria-checked={mode === choice}
                  tabIndex={-1}
                  data-testid={`theme-${choice}`}
                  onClick={() => {
                    setMode(choice);
                  }}
                >
                  {text.user.themes[choice]}
                  {mode === choice && <Check size={15} aria-hidden />}
                </Item>
              ))}
            </Group>
            <Group role="group">
              {places.map(({ name: place, label, icon: Icon }) => (
                <Item
                  key={place}
                  type="button"
                  role="menuitem"
                  tabIndex={-1}
                  aria-haspopup="dialog"
                  data-testid={`open-${place}`}
                  onClick={() => {
                    setOpen(false);
                    trigger.current?.focus();
                    openSettings(place);
                  }}
                >
                  {label}
                  <Icon size={15} aria-hidden />
                </Item>
              ))}
            </Group>
            <Item type="button" role="menuitem" tabIndex={-1} onClick={onSignOut} data-testid="logout-button">
              {text.user.signOut}
              <LogOut size={15} aria-hidden />
            </Item>
          </div>
        </Panel>
      )}
    </Holder>
  );
}
