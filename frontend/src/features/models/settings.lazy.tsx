import { useQuery } from '@tanstack/react-query';
import { useId, useState, type FormEvent, type ReactNode } from 'react';
import styled from 'styled-components';

import { configQuery, readChat } from '../../shared/api/chats';
import type { ChatSettings, Config, Endpoint, Route, Thinking } from '../../shared/api/types';
import { newestMetrics } from '../../shared/api/window';
import { genieText } from '../../shared/i18n/genie';
import { modelTexts as words } from '../../shared/i18n/model-texts';
import { c, radius } from '../../shared/theme/theme';
import { Button, PrimaryButton } from '../../shared/ui/button';
import { Dialog, DialogActions } from '../../shared/ui/dialog';
import { nameOf } from './choice';
import { setChat } from './set-chat';

const Actions = styled(DialogActions)`
  flex-wrap: wrap;
`;

const Form = styled.form`
  display: flex;
  flex-direction: column;
  gap: 14px;
  > p {
    color: ${c.fg.muted};
    font-size: 0.875rem;
  }
`;

const FieldBox = styled.div`
  display: flex;
  flex-direction: column;
  gap: 4px;
  label,
  legend {
    font-size: 0.875rem;
    font-weight: 500;
  }
  input,
  select,
  textarea {
    width: 100%;
    min-height: 36px;
    padding: 6px 9px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.small};
    background: ${c.bg.canvas};
    color: ${c.fg.default};
  }
  textarea {
    min-height: 5.2em;
    max-height: 40vh;
    resize: vertical;
    line-height: 1.5;
  }
  small {
    color: ${c.fg.muted};
    font-size: 0.78rem;
  }
  small[data-ignored] {
    color: ${c.fg.default};
  }
`;

const Two = styled.div`
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr));
  gap: 14px;
`;

const Levels = styled.fieldset`
  display: flex;
  flex-wrap: wrap;
  gap: 6px;
  margin: 0;
  padding: 0;
  border: 0;
  legend {
    margin-bottom: 4px;
    padding: 0;
    font-size: 0.875rem;
    font-weight: 500;
  }
  label {
    position: relative;
    font-size: 0.8125rem;
  }
  input {
    position: absolute;
    inset: 0;
    opacity: 0;
  }
  span {
    display: block;
    padding: 6px 12px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.full};
  }
  label:hover span {
    background: ${c.bg.hover};
  }
  input:checked + span {
    border-color: ${c.accent.default};
    background: ${c.accent.default};
    color: ${c.fg.onAccent};
  }
  input:focus-visible + span {
    outline: 2px solid ${c.focus};
    outline-offset: 2px;
  }
  small {
    flex-basis: 100%;
    color: ${c.fg.default};
    font-size: 0.78rem;
  }
  @media (forced-colors: active) {
    input:checked + span {
      background: Highlight;
      forced-color-adjust: none;
    }
  }
`;

const Tick = styled.label`
  display: flex;
  align-items: center;
  gap: 10px;
  font-size: 0.875rem;
  input {
    width: 16px;
    height: 16px;
    accent-color: ${c.accent.default};
  }
`;

interface FieldProps {
  label: string;
  /** Why what is set here has no effect now. */
  ignored?: string | null;
  hint?: string;
  children: (props: { id: string; 'aria-describedby'?: string }) => ReactNode;
}

function Field({ label, ignored, hint, children }: FieldProps) {
  const id = useId();
  const said = ignored ?? hint;
  return (
    <FieldBox>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': said === undefined ? undefined : `${id}-s` })}
      {said !== undefined && (
        <small id={`${id}-s`} data-ignored={ignored === null || ignored === undefined ? undefined : true}>
          {said}
        </small>
      )}
    </FieldBox>
  );
}

type Change = (change: ChatSettings) => void;

interface Part {
  wished: ChatSettings;
  endpoint: Endpoint | undefined;
  config: Config | undefined;
  change: Change;
}

const thinks = (level: Thinking | null | undefined) => level !== undefined && level !== null && level !== 'off';

function ModelField({ wished, config, change }: Part) {
  const endpoints = config?.endpoints ?? [];
  const usual = config?.model ?? '';
  const others = endpoints.filter((endpoint) => endpoint.name !== usual);
  const unknown = wished.model != null && !endpoints.some((endpoint) => endpoint.name === wished.model);
  return (
    <Field label={words.model} ignored={unknown ? words.gone : null}>
      {(props) => (
        <select
          {...props}
          value={wished.model ?? ''}
          data-testid="settings-model"
          onChange={(event) => {
            change({ model: event.target.value === '' ? null : event.target.value });
          }}
        >
          <option value="">{words.usualModel(nameOf(endpoints, usual))}</option>
          {unknown && <option value={wished.model ?? ''}>{wished.model}</option>}
          {others.map((endpoint) => (
            <option key={endpoint.name} value={endpoint.name}>
              {endpoint.display_name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Temperature({ wished, endpoint, change }: Part) {
  const accepts = endpoint?.accepts;
  const most = accepts?.temperature ?? 2;
  const either = accepts?.thinking_or_temperature === true && thinks(wished.thinking) && accepts.thinking.length > 0;
  const set = wished.temperature != null;
  const never = accepts?.temperature === null ? words.temperatureIgnored(endpoint?.display_name ?? '') : null;
  return (
    <Field
      label={words.temperature}
      hint={words.temperatureHint(most)}
      ignored={never ?? (either && set ? words.temperatureOrThinking : null)}
    >
      {(props) => (
        <input
          {...props}
          type="number"
          min={0}
          max={2}
          step={0.1}
          inputMode="decimal"
          placeholder={words.usual}
          value={wished.temperature ?? ''}
          data-testid="settings-temperature"
          onChange={(event) => {
            change({ temperature: event.target.value === '' ? null : event.target.valueAsNumber });
          }}
        />
      )}
    </Field>
  );
}

function MaxTokens({ wished, endpoint, config, change }: Part) {
  const accepts = endpoint?.accepts;
  const most = accepts?.most_tokens;
  const usual = config?.defaults?.max_tokens;
  return (
    <Field
      label={words.maxTokens}
      hint={most === undefined ? undefined : words.maxTokensCapped(most.toLocaleString())}
      ignored={accepts?.max_tokens === false ? words.maxTokensIgnored(endpoint?.display_name ?? '') : null}
    >
      {(props) => (
        <input
          {...props}
          type="number"
          min={1}
          max={1_000_000}
          step={1}
          inputMode="numeric"
          placeholder={usual === undefined ? words.usual : String(usual)}
          value={wished.max_tokens ?? ''}
          data-testid="settings-max-tokens"
          onChange={(event) => {
            change({ max_tokens: event.target.value === '' ? null : event.target.valueAsNumber });
          }}
        />
      )}
    </Field>
  );
}

function ThinkingField({ wished, endpoint, change }: Part) {
  const name = useId();
  const taken = endpoint?.accepts.thinking ?? [];
  const set = wished.thinking ?? '';
  const sentence = taken.length === 0 ? words.thinkingIgnored : words.thinkingNotOff;
  return (
    <Levels>
      <legend>{words.thinking}</legend>
      {(Object.keys(words.levels) as (Thinking | '')[]).map((level) => (
        <label key={level}>
          <input
            type="radio"
            name={name}
            checked={set === level}
            data-testid={`thinking-${level}`}
            onChange={() => {
              change({ thinking: level === '' ? null : level });
            }}
          />
          <span>{words.levels[level]}</span>
        </label>
      ))}
      {endpoint !== undefined && set !== '' && !taken.includes(set) && (
        <small role="status">{sentence(endpoint.display_name)}</small>
      )}
    </Levels>
  );
}

const counts = [2, 6, 10, 20, 50, 100, 200];

function History({ wished, config, change }: Part) {
  const on = wished.include_history !== false;
  const set = wished.history_messages;
  const numbers = set != null && set > 0 && !counts.includes(set) ? [...counts, set].toSorted((a, b) => a - b) : counts;
  return (
    <>
      <Tick>
        <input
          type="checkbox"
          checked={on}
          data-testid="settings-history"
          onChange={() => {
            change({ include_history: on ? false : null });
          }}
        />
        {words.history}
      </Tick>
      {on && (
        <Field label={words.historyCount}>
          {(props) => (
            <select
              {...props}
              value={set ?? ''}
              data-testid="settings-history-count"
              onChange={(event) => {
                change({ history_messages: event.target.value === '' ? null : Number(event.target.value) });
              }}
            >
              <option value="">{words.historyUsual(config?.defaults?.history_messages ?? 20)}</option>
              {numbers.map((count) => (
                <option key={count} value={count}>
                  {words.historyNewest(count)}
                </option>
              ))}
              <option value={0}>{words.historyAll}</option>
            </select>
          )}
        </Field>
      )}
    </>
  );
}

/** Who is asked, where there is Genie beside the models. */
function Who({ wished, config, change }: Part) {
  if (config?.genie == null) return null;
  return (
    <Field label={genieText.who} hint={genieText.whoHint}>
      {(props) => (
        <select
          {...props}
          value={wished.route ?? 'auto'}
          data-testid="settings-route"
          onChange={(event) => {
            change({ route: event.target.value === 'auto' ? null : (event.target.value as Route) });
          }}
        >
          {(['auto', 'genie', 'model'] as const).map((route) => (
            <option key={route} value={route}>
              {genieText.routes[route]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** How much of the chat the model was told for the last reply. */
function Told({ sessionId, config }: { sessionId: string | null; config: Config | undefined }) {
  const chat = sessionId === null ? undefined : readChat(sessionId);
  const metrics = chat === undefined ? null : newestMetrics(chat);
  if (metrics?.contextMessages === undefined || metrics.contextTokens === undefined) return null;
  const most = config?.defaults?.context_tokens ?? 0;
  return (
    <p data-testid="settings-told">
      {words.told(metrics.contextMessages, metrics.contextTokens.toLocaleString(), most.toLocaleString())}
    </p>
  );
}

/** What differs, as the server takes it: null where something was taken away. */
function difference(before: ChatSettings, after: ChatSettings): ChatSettings {
  const gone = Object.keys(before).map((key) => [key, null]);
  const changed = Object.entries({ ...Object.fromEntries(gone), ...after }).filter(
    ([key, value]) => value !== (before as Record<string, unknown>)[key],
  );
  return Object.fromEntries(changed);
}

interface Props {
  sessionId: string | null;
  settings: ChatSettings;
  onClose: () => void;
}

export default function SettingsDialog({ sessionId, settings, onClose }: Props) {
  const config = useQuery(configQuery).data;
  const [wished, setWished] = useState(settings);
  const model = wished.model ?? config?.model ?? '';
  const endpoint = config?.endpoints?.find((other) => other.name === model);
  const change: Change = (more) => {
    setWished((now) => Object.fromEntries(Object.entries({ ...now, ...more }).filter(([, value]) => value !== null)));
  };
  const part: Part = { wished, endpoint, config, change };
  const save = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const more = difference(settings, {
      ...wished,
      ...(wished.system_prompt?.trim() === '' ? { system_prompt: null } : {}),
    });
    if (Object.keys(more).length > 0) setChat(sessionId, more);
    onClose();
  };
  return (
    <Dialog title={words.title} onClose={onClose} testId="settings-dialog">
      <Form onSubmit={save}>
        <p>{words.intro}</p>
        <ModelField {...part} />
        <Who {...part} />
        <Field
          label={words.prompt}
          hint={config?.defaults?.system_prompt === true ? words.promptBoth : words.promptHint}
        >
          {(props) => (
            <textarea
              {...props}
              maxLength={5000}
              value={wished.system_prompt ?? ''}
              data-testid="settings-prompt"
              onChange={(event) => {
                change({ system_prompt: event.target.value });
              }}
            />
          )}
        </Field>
        <ThinkingField {...part} />
        <Two>
          <Temperature {...part} />
          <MaxTokens {...part} />
        </Two>
        <History {...part} />
        <Told sessionId={sessionId} config={config} />
        <Actions>
          <Button
            type="button"
            disabled={Object.keys(wished).length === 0}
            data-testid="settings-reset"
            onClick={() => {
              setWished({});
            }}
          >
            {words.reset}
          </Button>
          <Button type="button" onClick={onClose}>
            {words.cancel}
          </Button>
          <PrimaryButton type="submit" data-testid="settings-save">
            {words.save}
          </PrimaryButton>
        </Actions>
      </Form>
    </Dialog>
  );
}
