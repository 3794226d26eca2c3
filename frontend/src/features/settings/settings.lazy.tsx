import { Download } from 'lucide-react';
import { useId, type ComponentProps, type ReactNode } from 'react';
import styled from 'styled-components';

import { text } from '../../shared/i18n/messages';
import { settingsText } from '../../shared/i18n/settings-texts';
import { setAutoContinue, useAutoContinue } from '../../shared/lib/auto-continue';
import { setReadAloud, useReadAloud } from '../../shared/lib/read-aloud';
import {
  sendKeys,
  setSendKey,
  setSingleKeys,
  setTextSize,
  textSizes,
  useSendKey,
  useSingleKeys,
  useTextSize,
} from '../../shared/lib/preferences';
import { keysOf } from '../../shared/lib/shortcut';
import { setMode, useMode, type Mode } from '../../shared/theme/mode';
import { c, radius } from '../../shared/theme/theme';
import { Button, PrimaryButton } from '../../shared/ui/button';
import { Dialog, DialogActions } from '../../shared/ui/dialog';
import { Switch } from '../../shared/ui/switch';
import { exportAll } from '../conversations/export';
import { openSettings } from './open';

const Sections = styled.div`
  display: flex;
  flex-direction: column;
  gap: 18px;
  margin-top: 14px;
  h3 {
    font-size: 0.875rem;
    font-weight: 600;
  }
  small {
    display: block;
    margin-top: 4px;
    color: ${c.fg.muted};
    font-size: 0.8125rem;
    line-height: 1.4;
  }
`;

const Choices = styled.fieldset`
  margin: 0;
  padding: 0;
  border: 0;
  legend {
    padding: 0;
    font-size: 0.875rem;
    font-weight: 600;
  }
  > div {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin-top: 6px;
  }
  label {
    position: relative;
    display: inline-flex;
    align-items: center;
    min-height: 34px;
    padding: 4px 14px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.full};
    font-size: 0.875rem;
    cursor: pointer;
  }
  label:hover {
    background: ${c.bg.hover};
  }
  label:has(:checked) {
    border-color: ${c.accent.default};
    background: ${c.accent.default};
    color: ${c.fg.onAccent};
  }
  label:has(:focus-visible) {
    outline: 2px solid ${c.focus};
    outline-offset: 2px;
  }
  input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: inherit;
  }
  @media (forced-colors: active) {
    label:has(:checked) {
      border-width: 3px;
    }
  }
`;

const Buttons = styled.div`
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
  margin-top: 8px;
`;

const modes: readonly Mode[] = ['system', 'light', 'dark'];
const mod = keysOf({ key: '', mod: true })[0] ?? '';

interface ChoiceProps<T extends string> {
  legend: string;
  choices: readonly T[];
  names: Readonly<Record<T, string>>;
  chosen: T;
  onChoose: (choice: T) => void;
  children?: ReactNode;
}

function Choice<T extends string>({ legend, choices, names, chosen, onChoose, children }: ChoiceProps<T>) {
  const group = useId();
  return (
    <Choices>
      <legend>{legend}</legend>
      <div>
        {choices.map((choice) => (
          <label key={choice}>
            <input
              type="radio"
              name={group}
              checked={choice === chosen}
              onChange={() => {
                onChoose(choice);
              }}
            />
            {names[choice]}
          </label>
        ))}
      </div>
      {children}
    </Choices>
  );
}

/** A switch whose hint can be read without pointing at it. */
function HintedSwitch(props: ComponentProps<typeof Switch>) {
  return (
    <>
      <Switch {...props} />
      <small>{props.hint}</small>
    </>
  );
}

/** What a person chooses for this browser; each choice holds at once. */
export default function SettingsDialog({ onClose }: { onClose: () => void }) {
  const mode = useMode();
  const size = useTextSize();
  const sendKey = useSendKey();
  const autoContinue = useAutoContinue();
  const readAloud = useReadAloud();
  const singleKeys = useSingleKeys();
  return (
    <Dialog title={settingsText.title} onClose={onClose} testId="settings" reading>
      <p>{settingsText.here}</p>
      <Sections>
        <Choice legend={settingsText.theme} choices={modes} names={text.user.themes} chosen={mode} onChoose={setMode} />
        <Choice
          legend={settingsText.size}
          choices={textSizes}
          names={settingsText.sizes}
          chosen={size}
          onChoose={setTextSize}
        />
        <Choice
          legend={settingsText.send}
          choices={sendKeys}
          names={settingsText.sends(mod)}
          chosen={sendKey}
          onChoose={setSendKey}
        >
          <small>{settingsText.sendHints(mod)[sendKey]}</small>
        </Choice>
        <section>
          <h3>{settingsText.replies}</h3>
          <HintedSwitch
            label={settingsText.autoContinue}
            hint={settingsText.autoContinueHint}
            on={autoContinue}
            onChange={setAutoContinue}
            testId="auto-continue"
          />
          <HintedSwitch
            label={settingsText.readAloud}
            hint={settingsText.readAloudHint}
            on={readAloud}
            onChange={setReadAloud}
            testId="read-aloud-switch"
          />
        </section>
        <section>
          <h3>{settingsText.keyboard}</h3>
          <HintedSwitch
            label={settingsText.singleKeys}
            hint={settingsText.singleKeysHint}
            on={singleKeys}
            onChange={setSingleKeys}
            testId="single-keys"
          />
          <Buttons>
            <Button
              type="button"
              onClick={() => {
                openSettings('shortcuts');
              }}
            >
              {settingsText.showShortcuts}
            </Button>
          </Buttons>
        </section>
        <section>
          <h3>{settingsText.data}</h3>
          <small>{settingsText.exportHint}</small>
          <Buttons>
            {(['markdown', 'json'] as const).map((format) => (
              <Button
                key={format}
                type="button"
                onClick={() => {
                  exportAll(format);
                }}
                data-testid={`export-all-${format}`}
              >
                <Download size={15} aria-hidden />
                {format === 'markdown' ? settingsText.exportMarkdown : settingsText.exportJson}
              </Button>
            ))}
          </Buttons>
        </section>
      </Sections>
      <DialogActions>
        <PrimaryButton type="button" onClick={onClose} data-testid="close-settings">
          {settingsText.close}
        </PrimaryButton>
      </DialogActions>
    </Dialog>
  );
}
