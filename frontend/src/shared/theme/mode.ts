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
}

export function useMode(): Mode {
  return useStore(mode, (state) => state);
}
