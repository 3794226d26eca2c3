import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import styled from 'styled-components';

import { userQuery } from '../../shared/api/chats';
import { text } from '../../shared/i18n/messages';
import { c, radius } from '../../shared/theme/theme';
import { moveInMenu } from '../../shared/ui/menu-keys';
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

const load = () => import('./user-menu-panel.lazy');
const Panel = lazy(load);

export function UserMenu({ onSignOut }: { onSignOut: () => void }) {
  const user = useQuery(userQuery);
  const [open, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement | null>(null);
  const trigger = useRef<HTMLButtonElement | null>(null);
  const panelId = useId();
  const name = user.data?.username ?? user.data?.email ?? (user.isPending ? text.loading : text.user.unknown);
  const email = user.data?.email ?? '';
  const initial = user.data === undefined ? 'U' : (Array.from(name)[0] ?? 'U').toUpperCase();

  useEffect(() => {
    if (!open) return undefined;
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
        onPointerEnter={() => void load()}
        onFocus={() => void load()}
        onClick={() => {
          setOpen(!open);
        }}
      >
        {initial}
      </Avatar>
      {open && (
        <Suspense fallback={null}>
          <Panel
            id={panelId}
            name={name}
            email={email}
            onSignOut={onSignOut}
            onPlace={(place) => {
              setOpen(false);
              trigger.current?.focus();
              openSettings(place);
            }}
          />
        </Suspense>
      )}
    </Holder>
  );
}
