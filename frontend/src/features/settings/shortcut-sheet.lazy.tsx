import { useState } from 'react';
import styled from 'styled-components';

import { settingsText } from '../../shared/i18n/settings-texts';
import { useSendKey, useSingleKeys } from '../../shared/lib/preferences';
import { boundShortcuts, isSingle, keysOf, shortcuts } from '../../shared/lib/shortcut';
import { c, radius } from '../../shared/theme/theme';
import { PrimaryButton } from '../../shared/ui/button';
import { Dialog, DialogActions } from '../../shared/ui/dialog';

const Sheet = styled.div`
  h3 {
    margin: 14px 0 2px;
    font-size: 0.875rem;
    font-weight: 600;
  }
  > p {
    margin-top: 12px;
    color: ${c.fg.muted};
    font-size: 0.8125rem;
  }
`;

const Rows = styled.dl`
  margin: 0;
  div {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
    min-height: 34px;
    padding: 3px 0;
    border-bottom: 1px solid ${c.border.subtle};
    font-size: 0.875rem;
  }
  dd {
    display: flex;
    flex: none;
    gap: 4px;
    margin: 0;
  }
  kbd {
    min-width: 24px;
    padding: 1px 7px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.small};
    background: ${c.bg.code};
    font-size: 0.78rem;
    text-align: center;
  }
`;

interface Line {
  name: string;
  keys: readonly string[];
}

function Lines({ lines }: { lines: readonly Line[] }) {
  return (
    <Rows>
      {lines.map(({ name, keys }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dd>
        </div>
      ))}
    </Rows>
  );
}

/** Every key that does something on the page as it is, from the registry that binds them. */
export default function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const texts = settingsText.shortcuts;
  const single = useSingleKeys();
  const mod = useSendKey() === 'mod-enter';
  const [names] = useState(boundShortcuts);
  const everywhere = names
    .filter((name) => single || !isSingle(shortcuts[name]))
    .map((name) => ({ name: texts.names[name], keys: keysOf(shortcuts[name]) }));
  return (
    <Dialog title={texts.title} onClose={onClose} testId="shortcut-sheet" reading>
      <Sheet>
        <h3>{texts.everywhere}</h3>
        <Lines lines={everywhere} />
        {!single && <p>{texts.off}</p>}
        <h3>{texts.composer}</h3>
        <Lines
          lines={[
            { name: texts.sendMessage, keys: keysOf({ key: 'enter', mod }) },
            { name: texts.newLine, keys: keysOf({ key: 'enter', shift: !mod }) },
          ]}
        />
        <h3>{texts.inList}</h3>
        <Lines
          lines={[
            { name: texts.rename, keys: ['F2'] },
            { name: texts.remove, keys: ['Delete'] },
            { name: texts.select, keys: ['X'] },
          ]}
        />
      </Sheet>
      <DialogActions>
        <PrimaryButton type="button" onClick={onClose}>
          {settingsText.close}
        </PrimaryButton>
      </DialogActions>
    </Dialog>
  );
}
