import { createStore, useStore } from './store';

const session = createStore<{ signedOut: boolean }>(() => ({ signedOut: false }));

export function reportSignedOut(): void {
  session.setState({ signedOut: true });
}

export function reportSignedIn(): void {
  session.setState({ signedOut: false });
}

export function useSignedOut(): boolean {
  return useStore(session, (state) => state.signedOut);
}

export function isSignedOut(): boolean {
  return session.getState().signedOut;
}

/** Calls back when somebody has signed in again. */
export function onSignedIn(callback: () => void): () => void {
  return session.subscribe((now, before) => {
    if (before.signedOut && !now.signedOut) callback();
  });
}
