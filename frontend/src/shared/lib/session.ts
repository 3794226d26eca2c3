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
