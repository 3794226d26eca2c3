import { useQuery } from '@tanstack/react-query';
import { ChevronDown, SlidersHorizontal } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { createPortal } from 'react-dom';
import styled from 'styled-components';

import { chatQuery, configQuery } from '../../shared/api/chats';
import { modelTexts as words } from '../../shared/i18n/model-texts';
import { useStore } from '../../shared/lib/store';
import { c } from '../../shared/theme/theme';
import { IconButton } from '../../shared/ui/icon-button';
import { Switch } from '../../shared/ui/switch';
import { choice, fresh, nameOf } from './choice';
import { ModelButton } from './model-button';
import { setChat } from './set-chat';

const SettingsDialog = lazy(() => import('./settings.lazy'));

const Bar = styled.div`
  display: flex;
  align-items: center;
  flex-wrap: wrap;
  gap: 4px;
  flex: 1;
  min-width: 0;
  margin-left: -8px;
  [role='switch'] {
    margin-left: 8px;
  }
  @media (max-width: 520px) {
    [role='switch'] {
      display: none;
    }
  }
`;

const Chip = styled(ModelButton)`
  flex: 0 1 auto;
  gap: 4px;
  width: auto;
  min-width: 0;
  padding: 2px 8px;
  font-size: 0.8125rem;
  @media (pointer: coarse) {
    width: auto;
  }
  span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  svg {
    flex: none;
  }
`;

const Sliders = styled(IconButton)`
  &[data-own='true'] {
    color: ${c.accent.default};
  }
`;

/** Who answers in this chat, and how the chat is set. */
export default function ModelBar({ sessionId }: { sessionId: string | null }) {
  const config = useQuery(configQuery).data;
  const { once } = useStore(choice);
  const toBegin = useStore(fresh);
  const [open, setOpen] = useState(false);
  const stored = useQuery({ ...chatQuery(sessionId ?? ''), enabled: false }).data?.settings;
  const settings = (sessionId === null ? toBegin : stored) ?? {};
  const endpoints = config?.endpoints ?? [];
  const gone =
    settings.model != null && endpoints.length > 0 && !endpoints.some((endpoint) => endpoint.name === settings.model);
  const model = once ?? (gone ? null : settings.model) ?? config?.model ?? '';
  const own = Object.keys(settings).length > 0;
  const name = nameOf(endpoints, model);
  return (
    <Bar>
      {endpoints.length > 1 && (
        <Chip
          label={once === null ? words.choose(name) : words.onceHint(name)}
          current={model}
          forOnce
          testId="model-button"
          onChoose={(chosen, forOnce) => {
            choice.setState({ once: forOnce ? chosen : null });
            if (!forOnce) setChat(sessionId, { model: chosen === config?.model ? null : chosen });
          }}
        >
          <span>{once === null ? name : words.once(name)}</span>
          <ChevronDown size={14} aria-hidden />
        </Chip>
      )}
      <Sliders
        type="button"
        aria-label={own ? words.titleOwn : words.title}
        title={own ? words.titleOwn : words.title}
        data-own={own}
        aria-haspopup="dialog"
        data-testid="chat-settings"
        onClick={() => {
          setOpen(true);
        }}
      >
        <SlidersHorizontal size={16} aria-hidden />
      </Sliders>
      <Switch
        label={words.includeHistory}
        hint={words.includeHistoryHint}
        on={settings.include_history !== false}
        onChange={(on) => {
          setChat(sessionId, { include_history: on ? null : false });
        }}
        testId="include-history"
      />
      {gone && <Gone sessionId={sessionId} model={settings.model ?? ''} instead={name} />}
      {/* Not inside the composer: a form has no form of its own. */}
      {open &&
        createPortal(
          <Suspense>
            <SettingsDialog
              sessionId={sessionId}
              settings={settings}
              onClose={() => {
                setOpen(false);
              }}
            />
          </Suspense>,
          document.body,
        )}
    </Bar>
  );
}

const Note = styled.p`
  flex-basis: 100%;
  order: -1;
  margin: 2px 8px 4px;
  color: ${c.fg.muted};
  font-size: 0.8125rem;
  button {
    padding: 0 4px;
    border: 0;
    background: none;
    text-decoration: underline;
    color: ${c.fg.link};
  }
`;

/** The model that was chosen is not there any more. */
function Gone({ sessionId, model, instead }: { sessionId: string | null; model: string; instead: string }) {
  return (
    <Note role="status" data-testid="model-gone">
      {words.replaced(model, instead)}
      <button
        type="button"
        onClick={() => {
          setChat(sessionId, { model: null });
        }}
      >
        {words.keep(instead)}
      </button>
    </Note>
  );
}
