import { createStore, useStore } from '../lib/store';

export interface Notice {
  id: number;
  text: string;
  reference: string | null;
}

const notices = createStore<readonly Notice[]>(() => []);
let next = 1;

/** Shows an error at the top of the page until it is dismissed. The same text is shown once. */
export function notify(text: string, reference: string | null = null): void {
  const others = notices.getState().filter((notice) => notice.text !== text);
  notices.setState([...others.slice(-2), { id: next++, text, reference }], true);
}

export function dismiss(id: number): void {
  notices.setState(
    notices.getState().filter((notice) => notice.id !== id),
    true,
  );
}

export function clearNotices(): void {
  notices.setState([], true);
}

export function useNotices(): readonly Notice[] {
  return useStore(notices, (state) => state);
}
