import '@fontsource-variable/figtree/wght.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app/app';
import { finishSignOut } from './features/auth/sign-out';
import { loadEngine } from './features/markdown/engine';

finishSignOut();
void loadEngine();
// Other tabs and devices: not needed for the first paint.
void import('./app/sync.lazy').then(({ startSync }) => startSync());

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
