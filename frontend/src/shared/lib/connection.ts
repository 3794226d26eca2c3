import { createStore, useStore } from './store';

const connection = createStore<{ lost: boolean }>(() => ({ lost: false }));

export function reportLost(): void {
  connection.setState({ lost: true });
}

export function reportBack(): void {
  connection.setState({ lost: false });
}

export function useConnectionLost(): boolean {
  return useStore(connection, (state) => state.lost);
}

/** Waits, but no longer than until the server answers again. */
export async function waitForRetry(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      forget();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    const forget = connection.subscribe((now, before) => {
      if (before.lost && !now.lost) finish();
    });
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}
