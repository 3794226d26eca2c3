import { patchChat, patchMessage, raiseSession, readChat, chatQuery } from '../../../shared/api/chats';
import { isApiError } from '../../../shared/api/errors';
import { isCancelled, openStream, postJson } from '../../../shared/api/http';
import { queryClient, reportFailure } from '../../../shared/api/query-client';
import type { Message, ReplyEvent } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { announce } from '../../../shared/lib/announcer';
import { reportBack, waitForRetry } from '../../../shared/lib/connection';
import { newId } from '../../../shared/lib/ids';
import { notify } from '../../../shared/ui/notices';
import { rememberDocument } from './documents';
import { LiveText } from './live-text';
import { allTurns, readTurn, turnOfMessage } from './stream-store';
import type { Kind, Turn } from './turn';
import { resumeRequest, TurnRunner, type Outcome } from './turn-runner';

/** A row keeps its place in the page when the server's id replaces the provisional one. */
const rowKeys = new Map<string, string>();

export function rowKey(messageId: string): string {
  return rowKeys.get(messageId) ?? messageId;
}

function began(turn: Turn, event: ReplyEvent): void {
  reportBack();
  const timestamp = event.timestamp ?? turn.startedAt;
  const common = { session_id: turn.sessionId, timestamp };
  const assistant: Message = {
    ...common,
    message_id: event.message_id,
    role: 'assistant',
    content: '',
    model: turn.model,
    status: 'streaming',
    rating: null,
  };
  if (turn.kind === 'regenerate') {
    patchMessage(turn.sessionId, event.message_id, () => assistant);
    return;
  }
  const userId = turn.userMessageId ?? `${turn.key}-u`;
  rowKeys.set(userId, `${turn.key}-u`);
  rowKeys.set(event.message_id, `${turn.key}-a`);
  const user: Message = { ...common, message_id: userId, role: 'user', content: turn.userText, status: 'complete' };
  patchChat(turn.sessionId, (chat) => ({
    ...chat,
    firstQuery: chat.firstQuery === '' ? turn.userText : chat.firstQuery,
    timestamp,
    messages: [...chat.messages.filter((old) => old.message_id !== userId && old.message_id !== event.message_id), user, assistant],
  }));
  const chat = readChat(turn.sessionId);
  if (chat !== undefined) raiseSession(chat);
}

function ended(turn: Turn, live: LiveText, event: ReplyEvent): void {
  const { content } = live;
  const document = live.finish();
  if (document !== null) rememberDocument(content, document);
  patchMessage(turn.sessionId, event.message_id, (message) => ({
    ...message,
    content,
    reasoning: live.reasoning === '' ? null : live.reasoning,
    status: event.status,
    sources: event.sources ?? null,
    metrics: event.metrics ?? null,
    error: event.error ?? null,
    model: event.model ?? message.model ?? null,
    timestamp: event.timestamp ?? message.timestamp,
    stream: undefined,
  }));
  announceEnd(event);
}

function announceEnd(event: ReplyEvent): void {
  if (event.status === 'stopped') announce(text.status.stopped);
  else if (event.status === 'complete') announce(text.status.complete);
  else if (event.status === 'interrupted') announce(text.status.interrupted);
  else announce(event.error?.message ?? text.message.failed);
}

function parked(turn: Turn, live: LiveText): void {
  patchMessage(turn.sessionId, turn.messageId ?? '', (message) => ({
    ...message,
    content: live.content,
    reasoning: live.reasoning === '' ? null : live.reasoning,
    status: 'streaming',
    stream: { after: Math.max(live.sequence, 0) },
  }));
}

async function reload(turn: Turn): Promise<Message | null> {
  const chat = await queryClient.fetchQuery({ ...chatQuery(turn.sessionId), staleTime: 0 });
  return chat.messages.find((message) => message.message_id === turn.messageId) ?? null;
}

const runner = new TurnRunner({
  open: openStream,
  isCancelled,
  wait: waitForRetry,
  began,
  ended,
  parked,
  reload,
  failed: reportFailure,
});

function newTurn(kind: Kind, sessionId: string, more: Partial<Turn>): Turn {
  return {
    key: newId(),
    kind,
    sessionId,
    phase: 'connecting',
    accepted: false,
    stopping: false,
    messageId: null,
    userMessageId: null,
    userText: '',
    model: null,
    startedAt: new Date().toISOString(),
    ...more,
  };
}

export interface Ask {
  sessionId: string;
  content: string;
  includeHistory: boolean;
}

/**
 * Sends a message; resolves as soon as the server has it, or has refused it. The message's id is
 * made here: sent twice, it is still one message.
 */
export function send(ask: Ask): Promise<Outcome> {
  announce(text.status.replying);
  const turn = newTurn('send', ask.sessionId, { userText: ask.content, userMessageId: newId() });
  const body = { content: ask.content, session_id: ask.sessionId, include_history: ask.includeHistory, message_id: turn.userMessageId };
  return runner.start(turn, new LiveText(), { method: 'POST', path: '/chat', body });
}

/** Has a reply written anew, in its place. The old one stays until the server has agreed. */
export async function regenerate(message: Message, ask: Ask): Promise<Outcome> {
  announce(text.status.replying);
  const turn = newTurn('regenerate', ask.sessionId, { messageId: message.message_id, model: message.model ?? null });
  const body = {
    message_id: message.message_id,
    original_content: ask.content,
    session_id: ask.sessionId,
    include_history: ask.includeHistory,
  };
  return runner.start(turn, new LiveText(), { method: 'POST', path: '/regenerate', body });
}

/**
 * Goes on with a reply that the server is still writing. Where the server names no place to go on
 * from, the reply is read from its beginning.
 */
export function follow(sessionId: string, message: Message): void {
  if (turnOfMessage(message.message_id) !== undefined) return;
  const turn = newTurn('follow', sessionId, {
    messageId: message.message_id,
    model: message.model ?? null,
    accepted: true,
    phase: 'waiting',
  });
  const after = message.stream?.after ?? 0;
  const live = after > 0 ? new LiveText(message.content, message.reasoning ?? '', after) : new LiveText();
  void runner.start(turn, live, resumeRequest(message.message_id, live.sequence));
}

/** How long a stopped reply may take to say so. */
const stopPatience = 4000;

export async function stop(key: string): Promise<void> {
  const turn = readTurn(key);
  if (turn === undefined || turn.stopping || turn.messageId === null) return;
  runner.dispatch(key, { type: 'stop' });
  try {
    await postJson(`/messages/${encodeURIComponent(turn.messageId)}/stop`);
    setTimeout(() => {
      if (readTurn(key) === undefined) return;
      runner.park(key);
      void queryClient.invalidateQueries({ queryKey: chatQuery(turn.sessionId).queryKey });
    }, stopPatience);
  } catch (error) {
    reportFailure(error);
    runner.dispatch(key, { type: 'stop-failed' });
    if (isApiError(error)) notify(text.errors.stop(error.message), error.requestId);
  }
}

/** Lets go of the streams that are not on screen, so that other requests find a free connection. */
export function parkHidden(visibleSession: string | null, allowed: number): void {
  const hidden = allTurns().filter((turn) => turn.sessionId !== visibleSession);
  for (const turn of hidden.slice(0, Math.max(hidden.length - allowed, 0))) runner.park(turn.key);
}

/** The chat is gone: nobody needs its reply. */
export function parkChat(sessionId: string): void {
  for (const turn of allTurns()) if (turn.sessionId === sessionId) runner.park(turn.key);
}
