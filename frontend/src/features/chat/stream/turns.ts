import { patchChat, patchMessage, readChat, readMessage, chatQuery } from '../../../shared/api/chats';
import { isApiError } from '../../../shared/api/errors';
import { isCancelled, openStream, postJson } from '../../../shared/api/http';
import { pathTo, type Path } from '../../../shared/api/path';
import type { Streams } from '../../../shared/api/schema';
import { listedSession, placeSession } from '../../../shared/api/lists';
import { queryClient, reportFailure } from '../../../shared/api/query-client';
import type { Message, QueuedMessage, ReplyEvent, Wishes } from '../../../shared/api/types';
import { hasEnd } from '../../../shared/api/window';
import { text } from '../../../shared/i18n/messages';
import { announce } from '../../../shared/lib/announcer';
import { expectEcho } from '../../../shared/feed/changes';
import { reportBack, waitForRetry } from '../../../shared/lib/connection';
import { newId } from '../../../shared/lib/ids';
import { notify } from '../../../shared/ui/notices';
import { placed } from '../parts/part-list';
import { rememberDocument } from './documents';
import { LiveText } from './live-text';
import { takeSlot, type Release } from './slots';
import { allTurns, parkedIn, readTurn, setParked, turnOf } from './stream-store';
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
    beganAnew(turn, event.message_id, (old) => ({ ...assistant, ...nextVariant(old), parent_id: old.parent_id }));
    return;
  }
  if (turn.kind === 'continue') {
    patchMessage(turn.sessionId, event.message_id, (old) => ({
      ...old,
      status: 'streaming',
      error: null,
      finish_reason: null,
    }));
    return;
  }
  if (turn.kind === 'edit') {
    const edited = turn.userMessageId ?? '';
    rowKeys.set(event.message_id, `${turn.key}-a`);
    beganAnew(turn, edited, (old) => ({ ...old, content: turn.userText, timestamp, ...nextVariant(old) }), {
      ...assistant,
      parent_id: edited,
    });
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
    // Somewhere else in the chat they are not seen.
    messages: hasEnd(chat)
      ? [
          ...chat.messages.filter((old) => old.message_id !== userId && old.message_id !== event.message_id),
          user,
          assistant,
        ]
      : chat.messages,
  }));
  const chat = readChat(turn.sessionId);
  if (chat !== undefined) placeSession({ ...listedSession(chat.sessionId), ...chat });
}

/** Another variant of a message begins: what hangs on the one before is no longer shown. */
function beganAnew(turn: Turn, messageId: string, change: (message: Message) => Message, reply?: Message): void {
  patchChat(turn.sessionId, (chat) => {
    const at = chat.messages.findIndex((message) => message.message_id === messageId);
    const kept = chat.messages.slice(0, at + 1).map((message, index) => (index === at ? change(message) : message));
    return at < 0 ? chat : { ...chat, after: null, messages: reply === undefined ? kept : [...kept, reply] };
  });
}

function nextVariant(message: Message): { variant: number; variants: number } {
  const variants = (message.variants ?? 1) + 1;
  return { variant: variants, variants };
}

function ended(turn: Turn, live: LiveText, event: ReplyEvent): void {
  const { content } = live;
  const document = live.finish();
  if (document !== null) rememberDocument(live.tail, document);
  patchMessage(turn.sessionId, event.message_id, (message) => ({
    ...message,
    content,
    reasoning: live.reasoning === '' ? null : live.reasoning,
    parts: [...placed(live.parts)],
    status: event.status,
    sources: event.sources ?? null,
    metrics: event.metrics ?? null,
    finish_reason: event.finish_reason ?? null,
    error: event.error ?? null,
    model: event.model ?? message.model ?? null,
    timestamp: event.timestamp ?? message.timestamp,
    stream: undefined,
  }));
  expectEcho('message', event.message_id);
  announceEnd(event);
}

function announceEnd(event: ReplyEvent): void {
  if (event.status === 'stopped') announce(text.status.stopped);
  else if (event.status === 'complete') announce(text.status.complete);
  else if (event.status === 'interrupted') announce(text.status.interrupted);
  else announce(event.error?.message ?? text.message.failed);
}

function parked(turn: Turn, live: LiveText): void {
  setParked(turn.messageId ?? '', turn.sessionId);
  patchMessage(turn.sessionId, turn.messageId ?? '', (message) => ({
    ...message,
    content: live.raw,
    reasoning: live.reasoning === '' ? null : live.reasoning,
    parts: live.parts,
    status: 'streaming',
    stream: { after: Math.max(live.sequence, 0) },
  }));
}

async function reload(turn: Turn): Promise<Message | null> {
  const chat = await queryClient.fetchQuery({ ...chatQuery(turn.sessionId), staleTime: 0 });
  const found = chat.messages.find((message) => message.message_id === turn.messageId);
  if (found !== undefined || hasEnd(chat) || turn.messageId === null) return found ?? null;
  return readMessage(turn.sessionId, turn.messageId);
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
  closed: (key) => {
    slots.get(key)?.();
    slots.delete(key);
  },
});

/** The machine has slept, or the network is back. */
export function wakeStreams(): void {
  runner.wake();
}

/** What each turn holds of the browser's few connections. */
const slots = new Map<string, Release>();

/** A reply that has begun is listened to if there is a connection for it; else it is followed later. */
async function hold(key: string): Promise<void> {
  const release = await takeSlot();
  if (release === null) runner.park(key);
  else if (readTurn(key) === undefined) release();
  else slots.set(key, release);
}

async function begin<K extends keyof Streams>(
  turn: Turn,
  path: K | Path<K>,
  body: Streams[K]['body'],
  live = new LiveText(),
): Promise<Outcome> {
  announce(text.status.replying);
  const request = { method: 'POST' as const, path, body, headers: { 'Idempotency-Key': turn.key } };
  const outcome = await runner.start(turn, live, request);
  if (outcome.ok) void hold(turn.key);
  return outcome;
}

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
  wishes?: Wishes;
}

/** A message that was perhaps sent: written again in the same words, it is the same message. */
let unsure: (Ask & { messageId: string }) | null = null;

function idFor(ask: Ask): string {
  const same = unsure !== null && unsure.sessionId === ask.sessionId && unsure.content === ask.content;
  return same && unsure !== null ? unsure.messageId : newId();
}

/**
 * Sends a message; resolves as soon as the server has it, or has refused it. The message's id is
 * made here: sent twice, it is still one message.
 */
export async function send(ask: Ask): Promise<Outcome> {
  const messageId = idFor(ask);
  const turn = newTurn('send', ask.sessionId, { userText: ask.content, userMessageId: messageId });
  const body = { content: ask.content, session_id: ask.sessionId, ...ask.wishes, message_id: messageId };
  const outcome = await begin(turn, '/chat', body);
  const lost = !outcome.ok && isApiError(outcome.error) && outcome.error.isNetwork;
  unsure = lost ? { ...ask, messageId } : null;
  return outcome;
}

/** Has a reply written anew, in its place. The old one stays until the server has agreed. */
export function regenerate(message: Message, ask: Ask): Promise<Outcome> {
  const turn = newTurn('regenerate', ask.sessionId, {
    messageId: message.message_id,
    model: ask.wishes?.serving_endpoint ?? message.model ?? null,
  });
  const body = {
    message_id: message.message_id,
    original_content: ask.content,
    session_id: ask.sessionId,
    ...ask.wishes,
    branch: true,
  };
  return begin(turn, '/regenerate', body);
}

/** Asks again in other words: a variant of the question, with a reply of its own. */
export function editAndResend(message: Message, ask: Ask): Promise<Outcome> {
  const turn = newTurn('edit', ask.sessionId, { userText: ask.content, userMessageId: message.message_id });
  const body = { content: ask.content, ...ask.wishes };
  return begin(turn, pathTo('/messages/{message_id}/edit', { message_id: message.message_id }), body);
}

/** Goes on with a reply that ended before its time. */
export function continueReply(sessionId: string, message: Message): Promise<Outcome> {
  const turn = newTurn('continue', sessionId, { messageId: message.message_id, model: message.model ?? null });
  const live = new LiveText(message.content, message.reasoning ?? '', -1, message.parts ?? []);
  return begin(turn, pathTo('/messages/{message_id}/continue', { message_id: message.message_id }), {}, live);
}

/** Allows or denies what an agent has asked for; its reply goes on. */
export function answerApproval(
  sessionId: string,
  message: Message,
  partId: string,
  approve: boolean,
): Promise<Outcome> {
  const turn = newTurn('continue', sessionId, { messageId: message.message_id, model: message.model ?? null });
  const live = new LiveText(message.content, message.reasoning ?? '', -1, message.parts ?? []);
  return begin(
    turn,
    pathTo('/messages/{message_id}/approve', { message_id: message.message_id }),
    { part_id: partId, approve },
    live,
  );
}

/** Sends the first message that waits in a chat. */
export function sendQueued(item: QueuedMessage): Promise<Outcome> {
  const turn = newTurn('queued', item.session_id, { userText: item.content, userMessageId: item.queue_id });
  return begin(turn, pathTo('/chats/{session_id}/queue/send', { session_id: item.session_id }), undefined);
}

const joining = new Set<string>();

/**
 * Goes on with a reply that the server is still writing. Where the server names no place to go on
 * from, the reply is read from its beginning. False when the browser has no connection to spare.
 */
export async function follow(sessionId: string, message: Message): Promise<boolean> {
  if (turnOf(message) !== undefined || joining.has(message.message_id)) return true;
  joining.add(message.message_id);
  const release = await takeSlot();
  joining.delete(message.message_id);
  if (release === null) return false;
  if (turnOf(message) !== undefined) {
    release();
    return true;
  }
  const turn = newTurn('follow', sessionId, {
    messageId: message.message_id,
    model: message.model ?? null,
    accepted: true,
    phase: 'waiting',
  });
  slots.set(turn.key, release);
  setParked(message.message_id, null);
  const after = message.stream?.after ?? 0;
  const live =
    after > 0 ? new LiveText(message.content, message.reasoning ?? '', after, message.parts ?? []) : new LiveText();
  void runner.start(turn, live, resumeRequest(message.message_id, live.sequence));
  return true;
}

/** How long a stopped reply may take to say so. */
const stopPatience = 4000;

export async function stop(key: string): Promise<void> {
  const turn = readTurn(key);
  if (turn === undefined || turn.stopping || turn.messageId === null) return;
  runner.dispatch(key, { type: 'stop' });
  try {
    await postJson(pathTo('/messages/{message_id}/stop', { message_id: turn.messageId }));
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
export function parkHidden(visibleSession: string | null): void {
  for (const turn of allTurns()) if (turn.sessionId !== visibleSession) runner.park(turn.key);
}

/** The chat is gone: nobody needs its reply. */
export function parkChat(sessionId: string): void {
  for (const turn of allTurns()) if (turn.sessionId === sessionId) runner.park(turn.key);
  for (const messageId of parkedIn(sessionId)) setParked(messageId, null);
}

// A reply that goes on without this tab has ended when its chat says so.
queryClient.getQueryCache().subscribe(({ type, query }) => {
  const [kind, sessionId] = query.queryKey as readonly string[];
  if (type !== 'updated' || kind !== 'chat' || sessionId === undefined) return;
  const messages = readChat(sessionId)?.messages ?? [];
  for (const messageId of parkedIn(sessionId)) {
    if (messages.some((message) => message.message_id === messageId && message.status !== 'streaming'))
      setParked(messageId, null);
  }
});
