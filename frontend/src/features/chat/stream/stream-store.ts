import { useMemo } from 'react';

import type { Message, Part } from '../../../shared/api/types';
import { createStore, useStore } from '../../../shared/lib/store';
import type { Document } from '../../markdown/document';
import type { LiveText } from './live-text';
import type { Turn } from './turn';

interface Streams {
  turns: Readonly<Record<string, Turn>>;
  /** Counts how often the words of a turn have been shown. */
  frames: Readonly<Record<string, number>>;
  /** Replies that go on without this tab: the chat of each. */
  parked: Readonly<Record<string, string>>;
}

export const streams = createStore<Streams>(() => ({ turns: {}, frames: {}, parked: {} }));
const texts = new Map<string, LiveText>();

export function readTurn(key: string): Turn | undefined {
  return streams.getState().turns[key];
}

export function allTurns(): Turn[] {
  return Object.values(streams.getState().turns);
}

/** The turn that writes a message; of a reply whose id is not known yet, by the question it answers. */
export function turnOf(
  message: Pick<Message, 'message_id' | 'parent_id'>,
  turns: readonly Turn[] = allTurns(),
): Turn | undefined {
  return turns.find((turn) => {
    if (turn.messageId !== null) return turn.messageId === message.message_id;
    return turn.userMessageId !== null && turn.userMessageId === message.parent_id;
  });
}

/** Whether this tab is being told of a message as it is written. */
export function isWriting(sessionId: string, messageId: string): boolean {
  return allTurns().some(
    (turn) =>
      turn.sessionId === sessionId &&
      (!turn.accepted || turn.messageId === messageId || turn.userMessageId === messageId),
  );
}

export function setParked(messageId: string, sessionId: string | null): void {
  const { [messageId]: _old, ...others } = streams.getState().parked;
  streams.setState({ parked: sessionId === null ? others : { ...others, [messageId]: sessionId } });
}

/** The replies of a chat that go on without this tab. */
export function parkedIn(sessionId: string): string[] {
  return Object.entries(streams.getState().parked)
    .filter(([, chat]) => chat === sessionId)
    .map(([messageId]) => messageId);
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
  const parked = useStore(streams, (state) => state.parked);
  return useMemo(
    () => new Set([...Object.values(turns).map((turn) => turn.sessionId), ...Object.values(parked)]),
    [turns, parked],
  );
}

export interface LiveWords {
  content: string;
  /** The text behind the last part that has a place in it. */
  document: Document;
  parts: readonly Part[];
  reasoning: string;
}

/** The words of a turn; only what calls this renders with each flush. */
export function useLiveWords(key: string | null): LiveWords | null {
  const frame = useStore(streams, (state) => (key === null ? -1 : (state.frames[key] ?? 0)));
  return useMemo(() => {
    const live = key === null || frame < 0 ? undefined : texts.get(key);
    return live === undefined
      ? null
      : { content: live.content, document: live.snapshot(), parts: live.parts, reasoning: live.reasoning };
  }, [key, frame]);
}
