import '@fontsource-variable/figtree/wght.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app/app';
import { finishSignOut } from './features/auth/sign-out';
import { loadEngine } from './features/markdown/engine';
import { loadSoon } from './shared/lib/lazy-part';
import { whenIdle } from './shared/lib/when-idle';

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
if (window.location.pathname.startsWith('/c/')) void loadEngine();
else whenIdle(() => void loadEngine());
whenIdle(() => void loadSoon());
void startSync();

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
