import { useMemo } from 'react';

import { createStore, useStore } from '../../../shared/lib/store';
import type { Document } from '../../markdown/document';
import type { LiveText } from './live-text';
import type { Turn } from './turn';

interface Streams {
  turns: Readonly<Record<string, Turn>>;
  /** Counts how often the words of a turn have been shown. */
  frames: Readonly<Record<string, number>>;
}

export const streams = createStore<Streams>(() => ({ turns: {}, frames: {} }));
const texts = new Map<string, LiveText>();

export function readTurn(key: string): Turn | undefined {
  return streams.getState().turns[key];
}

export function allTurns(): Turn[] {
  return Object.values(streams.getState().turns);
}

export function turnOfMessage(messageId: string): Turn | undefined {
  return allTurns().find((turn) => turn.messageId === messageId);
}

export function putTurn(turn: Turn): void {
  const { turns } = streams.getState();
  if (turns[turn.key] !== turn) streams.setState({ turns: { ...turns, [turn.key]: turn } });
}

export function dropTurn(key: string): void {
  const { turns, frames } = streams.getState();
  const { [key]: _turn, ...otherTurns } = turns;
  const { [key]: _frame, ...otherFrames } = frames;
  texts.delete(key);
  streams.setState({ turns: otherTurns, frames: otherFrames });
}

export function putText(key: string, live: LiveText): void {
  texts.set(key, live);
}

export function textOf(key: string): LiveText | undefined {
  return texts.get(key);
}

export function showFrame(key: string): void {
  const { turns, frames } = streams.getState();
  if (turns[key] !== undefined) streams.setState({ frames: { ...frames, [key]: (frames[key] ?? 0) + 1 } });
}

/** The turns of one chat, oldest first. Does not change with each token. */
export function useTurns(sessionId: string | null): readonly Turn[] {
  const turns = useStore(streams, (state) => state.turns);
  return useMemo(() => Object.values(turns).filter((turn) => turn.sessionId === sessionId), [turns, sessionId]);
}

/** The chats in which a reply is being written. */
export function useReplyingSessions(): ReadonlySet<string> {
  const turns = useStore(streams, (state) => state.turns);
  return useMemo(() => new Set(Object.values(turns).map((turn) => turn.sessionId)), [turns]);
}

export interface LiveWords {
  document: Document;
  reasoning: string;
}

/** The words of a turn; only what calls this renders with each flush. */
export function useLiveWords(key: string | null): LiveWords | null {
  const frame = useStore(streams, (state) => (key === null ? -1 : (state.frames[key] ?? 0)));
  return useMemo(() => {
    const live = key === null || frame < 0 ? undefined : texts.get(key);
    return live === undefined ? null : { document: live.snapshot(), reasoning: live.reasoning };
  }, [key, frame]);
}
