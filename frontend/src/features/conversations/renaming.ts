import type { Session } from '../../shared/api/types';
import { createStore, useStore } from '../../shared/lib/store';

/** The chat whose name is being written, in its place in the list. */
export interface Renaming {
  session: Session;
  typed: string;
  /** The name that another device has given it meanwhile. */
  theirs: string | null;
}

const renaming = createStore<{ now: Renaming | null }>(() => ({ now: null }));

export function beginRename(session: Session, typed: string): void {
  renaming.setState({ now: { session, typed, theirs: null } });
}

/** A name could not be kept: it goes on being written, unless another one is by now. */
export function resumeRename(again: Renaming): void {
  if (renaming.getState().now === null) renaming.setState({ now: again });
}

export function endRename(): void {
  renaming.setState({ now: null });
}

export function useRenaming(): Renaming | null {
  return useStore(renaming, (state) => state.now);
}
