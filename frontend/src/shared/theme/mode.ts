import { createPersisted } from '../lib/store';
import { useStore } from '../lib/store';

export type Mode = 'system' | 'light' | 'dark';

const mode = createPersisted<Mode>(
  'theme',
  'system',
  (value) => value === 'light' || value === 'dark' || value === 'system',
);

/** One attribute on the root decides; nothing in React renders anew. */
export function setMode(next: Mode): void {
  mode.setState(next);
  const root = document.documentElement;
  if (next === 'system') root.removeAttribute('data-theme');
  else root.setAttribute('data-theme', next);
  colourBar(next);
}

/** The browser's own bar has the colour of the page: of the system's theme, or of the one that was chosen. */
function colourBar(next: Mode): void {
  const [light, dark] = document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]');
  const mediaFor = (theme: Mode) => {
    if (next === 'system') return `(prefers-color-scheme: ${theme})`;
    return next === theme ? 'all' : 'not all';
  };
  light?.setAttribute('media', mediaFor('light'));
  dark?.setAttribute('media', mediaFor('dark'));
}

export function useMode(): Mode {
  return useStore(mode, (state) => state);
}
