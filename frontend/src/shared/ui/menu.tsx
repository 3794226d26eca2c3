import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import styled from 'styled-components';

import { placePopover } from '../lib/place';
import { c } from '../theme/theme';
import { IconButton } from './icon-button';
import { MenuItem } from './menu-item';
import { menuItems, moveInMenu } from './menu-keys';
import { PopoverPanel } from './popover-panel';

const Panel = styled(PopoverPanel)`
  width: max-content;
  min-width: 11rem;
  max-width: calc(100vw - 16px);
`;

const Item = styled(MenuItem)`
  &[data-danger='true'],
  &[data-danger='true'] svg {
    color: ${c.fg.danger};
  }
`;

export interface MenuAction {
  name: string;
  label: string;
  icon: ReactNode;
  danger?: boolean;
  run: () => void;
}

interface Props {
  label: string;
  icon: ReactNode;
  actions: readonly MenuAction[];
  testId: string;
  /** What an action needs can be fetched meanwhile. */
  onOpen?: () => void;
}

/** How long after a press beside the menu has closed it the same press may not open it again. */
const sameClick = 250;

/** A button that opens a menu above everything else; Esc or a press beside it closes it. */
export function MenuButton({ label, icon, actions, testId, onOpen }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement | null>(null);
  const panel = useRef<HTMLDivElement | null>(null);
  const closed = useRef(0);
  const id = useId();

  useLayoutEffect(() => {
    const element = panel.current;
    if (!open || element === null || button.current === null) return;
    element.showPopover();
    placePopover(element, button.current);
    menuItems(element)[0]?.focus();
  }, [open]);

  const close = (back: boolean) => {
    setOpen(false);
    if (back) button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    moveInMenu(event, panel.current);
    if (event.key === 'Tab') close(true);
    // Nothing outside hears the keys of an open menu.
    event.stopPropagation();
  };
  return (
    <>
      <IconButton
        ref={button}
        type="button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        data-testid={testId}
        onClick={(event) => {
          if (event.timeStamp - closed.current <= sameClick) return;
          setOpen(true);
          onOpen?.();
        }}
      >
        {icon}
      </IconButton>
      {open && (
        <Panel
          ref={panel}
          id={id}
          role="menu"
          tabIndex={-1}
          aria-label={label}
          popover="auto"
          onKeyDown={onKeyDown}
          onToggle={(event) => {
            if (event.newState === 'open') return;
            closed.current = event.timeStamp;
            close(panel.current?.contains(document.activeElement) === true);
          }}
        >
          {actions.map((action) => (
            <Item
              key={action.name}
              type="button"
              role="menuitem"
              tabIndex={-1}
              data-danger={action.danger === true}
              data-testid={`menu-${action.name}`}
              onClick={() => {
                close(true);
                action.run();
              }}
            >
              {action.icon}
              {action.label}
            </Item>
          ))}
        </Panel>
      )}
    </>
  );
}
