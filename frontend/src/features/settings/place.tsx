import { lazy, Suspense } from 'react';

import { useShortcut } from '../../shared/lib/shortcut';
import { openSettings, useOpenSettings } from './open';

const dialogs = {
  settings: lazy(() => import('./settings.lazy')),
  shortcuts: lazy(() => import('./shortcut-sheet.lazy')),
};

/** Where the dialogs of the settings open, and the keys that open them. */
export function SettingsPlace() {
  const place = useOpenSettings();
  useShortcut('settings', () => {
    openSettings('settings');
  });
  useShortcut('help', () => {
    openSettings('shortcuts');
  });
  if (place === null) return null;
  const Shown = dialogs[place];
  return (
    <Suspense fallback={null}>
      <Shown
        onClose={() => {
          openSettings(null);
        }}
      />
    </Suspense>
  );
}
