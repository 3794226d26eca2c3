import { Check, Keyboard, LogOut, Settings } from 'lucide-react';
import { useEffect, useRef } from 'react';
import styled from 'styled-components';

import { text } from '../../shared/i18n/messages';
import { setMode, useMode, type Mode } from '../../shared/theme/mode';
import { c, radius } from '../../shared/theme/theme';
import { MenuItem } from '../../shared/ui/menu-item';
import { menuItems } from '../../shared/ui/menu-keys';
import type { Place } from '../settings/open';

const Box = styled.div`
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

/** Its sign stands behind the words, where the mark of what is chosen is. */
const Item = styled(MenuItem)`
  justify-content: space-between;
  padding-inline: 10px;
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

interface Props {
  id: string;
  name: string;
  email: string;
  onSignOut: () => void;
  onPlace: (place: Place) => void;
}

/** Who is signed in, and what can be chosen. */
export default function UserMenuPanel({ id, name, email, onSignOut, onPlace }: Props) {
  const mode = useMode();
  const menu = useRef<HTMLDivElement | null>(null);
  useEffect(() => {
    menuItems(menu.current)[0]?.focus();
  }, []);
  return (
    <Box data-testid="user-menu">
      <Person>
        <b>{name}</b>
        {email !== '' && email !== name && <span>{email}</span>}
      </Person>
      <div ref={menu} id={id} role="menu" aria-label={text.user.menu(name)}>
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
                onPlace(place);
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
    </Box>
  );
}
