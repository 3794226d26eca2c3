import { Bot, Check, Sparkle } from 'lucide-react';
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import styled from 'styled-components';

import { modelTexts as words } from '../../shared/i18n/model-texts';
import type { Endpoint } from '../../shared/api/types';
import { c, radius } from '../../shared/theme/theme';
import { PopoverPanel } from '../../shared/ui/popover-panel';
import { useEndpoints } from './choice';

const Panel = styled(PopoverPanel)`
  display: flex;
  flex-direction: column;
  width: min(22rem, calc(100vw - 16px));
  max-height: min(60vh, 28rem);
  &:not(:popover-open) {
    display: none;
  }
  input[type='search'] {
    flex: none;
    width: 100%;
    min-height: 36px;
    margin-bottom: 5px;
    padding: 4px 9px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.small};
    background: transparent;
    font-size: 0.875rem;
  }
  > p {
    padding: 8px 9px;
    color: ${c.fg.muted};
    font-size: 0.875rem;
  }
  label {
    display: flex;
    align-items: center;
    gap: 8px;
    flex: none;
    min-height: 36px;
    padding: 4px 9px;
    border-top: 1px solid ${c.border.subtle};
    color: ${c.fg.muted};
    font-size: 0.8125rem;
  }
`;

const List = styled.div`
  overflow-y: auto;
  outline: 0;
`;

const Option = styled.div`
  display: grid;
  grid-template-columns: 18px 1fr 18px;
  align-items: center;
  gap: 2px 8px;
  min-height: 36px;
  padding: 5px 9px;
  border-radius: ${radius.small};
  cursor: pointer;
  font-size: 0.875rem;
  &[data-active='true'] {
    background: ${c.bg.hover};
  }
  &[data-active='true'] {
    box-shadow: inset 3px 0 0 ${c.focus};
  }
  span {
    overflow-wrap: anywhere;
  }
  small {
    grid-column: 2;
    color: ${c.fg.muted};
    font-size: 0.75rem;
  }
  svg {
    color: ${c.fg.muted};
  }
  svg:last-of-type:not(:first-of-type) {
    grid-column: 3;
    grid-row: 1;
    color: ${c.accent.default};
  }
  @media (pointer: coarse) {
    min-height: 44px;
  }
  @media (forced-colors: active) {
    &[data-active='true'] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
`;

/** From so many on they can be searched. */
const many = 8;

interface Props {
  label: string;
  anchor: RefObject<HTMLElement | null>;
  current: string | null;
  forOnce: boolean;
  onChoose: (model: string, once: boolean) => void;
  onClose: () => void;
}

/** Above its button, or below where there is no room; never beyond the window. */
function place(panel: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const above = at.top - 4 - height >= 8;
  panel.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
  panel.style.top = `${above ? at.top - 4 - height : Math.max(8, Math.min(at.bottom + 4, window.innerHeight - height - 8))}px`;
}

function note(endpoint: Endpoint): string {
  const state = endpoint.state === 'starting' || endpoint.state === 'gone' ? words[endpoint.state] : '';
  const name = endpoint.display_name === endpoint.name ? '' : endpoint.name;
  return [endpoint.kind === 'agent' ? words.agent : '', name, state].filter((part) => part !== '').join(' · ');
}

function matches(endpoint: Endpoint, typed: string): boolean {
  const name = `${endpoint.display_name} ${endpoint.name} ${endpoint.kind}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
}

export default function Picker({ label, anchor, current, forOnce, onChoose, onClose }: Props) {
  const all = useEndpoints();
  const panel = useRef<HTMLDivElement | null>(null);
  const list = useRef<HTMLDivElement | null>(null);
  const field = useRef<HTMLInputElement | null>(null);
  const [typed, setTyped] = useState('');
  const [once, setOnce] = useState(false);
  const shown = all.filter((endpoint) => matches(endpoint, typed));
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      all.findIndex((endpoint) => endpoint.name === current),
    ),
  );
  const chosen = Math.min(at, shown.length - 1);
  const id = useId();
  const searchable = all.length > many;

  useLayoutEffect(() => {
    const element = panel.current;
    if (element === null || anchor.current === null) return;
    element.showPopover();
    place(element, anchor.current);
    (field.current ?? list.current)?.focus();
  }, [anchor]);
  useLayoutEffect(() => {
    document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, chosen]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    event.stopPropagation();
    const steps: Record<string, number> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      ...(event.target === field.current ? {} : { Home: 0, End: shown.length - 1 }),
    };
    const step = steps[event.key];
    const target = shown[chosen];
    const inList = event.target === list.current || event.target === field.current;
    if (event.key === 'Escape') onClose();
    else if (inList && step !== undefined && shown.length > 0) setAt((step + shown.length) % shown.length);
    else if (
      inList &&
      (event.key === 'Enter' || (event.key === ' ' && event.target === list.current)) &&
      target !== undefined
    )
      onChoose(target.name, once);
    else return;
    event.preventDefault();
  };
  const active = chosen >= 0 ? `${id}-${chosen}` : undefined;
  return (
    <Panel
      ref={panel}
      role="dialog"
      aria-label={label}
      popover="auto"
      tabIndex={-1}
      data-testid="model-picker"
      onKeyDown={onKeyDown}
      onToggle={(event) => {
        if (event.newState === 'closed') onClose();
      }}
    >
      {searchable && (
        <input
          ref={field}
          type="search"
          role="combobox"
          aria-label={words.search}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={active}
          placeholder={words.search}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setAt(0);
          }}
        />
      )}
      {shown.length === 0 && <p role="status">{words.none}</p>}
      <List
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        tabIndex={searchable ? -1 : 0}
        aria-activedescendant={active}
      >
        {shown.map((endpoint, index) => (
          // The keys are heard by the list and by the field.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <Option
            key={endpoint.name}
            id={`${id}-${index}`}
            role="option"
            aria-selected={endpoint.name === current}
            data-active={index === chosen}
            data-model={endpoint.name}
            onPointerMove={() => {
              setAt(index);
            }}
            onClick={() => {
              onChoose(endpoint.name, once);
            }}
          >
            {endpoint.kind === 'agent' ? <Bot size={16} aria-hidden /> : <Sparkle size={16} aria-hidden />}
            <span>{endpoint.display_name}</span>
            {endpoint.name === current && <Check size={16} aria-hidden />}
            {note(endpoint) !== '' && <small>{note(endpoint)}</small>}
          </Option>
        ))}
      </List>
      {forOnce && (
        <label>
          <input
            type="checkbox"
            checked={once}
            data-testid="model-once"
            onChange={(event) => {
              setOnce(event.target.checked);
            }}
          />
          {words.onlyNext}
        </label>
      )}
    </Panel>
  );
}
