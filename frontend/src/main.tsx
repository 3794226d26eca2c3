import '@fontsource-variable/figtree/wght.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app/app';
import { finishSignOut } from './features/auth/sign-out';
import { loadEngine } from './features/markdown/engine';

/** Other tabs and devices: not needed for the first paint. */
const retry = 5000;

async function startSync(): Promise<void> {
  try {
    (await import('./app/sync.lazy')).startSync();
  } catch {
    setTimeout(() => void startSync(), retry);
  }
}

finishSignOut();
void loadEngine();
void startSync();

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
