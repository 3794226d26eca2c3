import { chatQuery, readChat, readMessage } from '../../shared/api/chats';
import { queryClient, reportFailure } from '../../shared/api/query-client';
import { isEcho, listen, type Change } from '../../shared/feed/changes';
import { onWake } from '../../shared/lib/wake';
import { isWriting, parkedIn, setParked } from './stream/stream-store';
import { wakeStreams } from './stream/turns';

/** A reply brings several changes within a moment: one request answers them. */
const together = 120;
const waiting = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Chats with a reply that this tab has let go of are looked at even when they are not on screen. */
function isUnfinished(sessionId: string): boolean {
  return readChat(sessionId)?.messages.some((message) => message.status === 'streaming') === true;
}

function refresh(): void {
  for (const sessionId of waiting) {
    const unseen = document.hidden ? 'none' : isUnfinished(sessionId) ? 'all' : 'active';
    void queryClient.invalidateQueries({ queryKey: chatQuery(sessionId).queryKey, refetchType: unseen });
  }
  waiting.clear();
}

function refreshChat(sessionId: string): void {
  if (readChat(sessionId) === undefined) return;
  waiting.add(sessionId);
  clearTimeout(timer);
  timer = setTimeout(refresh, together);
}

/** A reply that goes on without this tab, in a chat that is read somewhere else: has it ended? */
async function lookAfter(sessionId: string, messageId: string): Promise<void> {
  const seen = readChat(sessionId)?.messages.some((message) => message.message_id === messageId);
  if (seen !== false || !parkedIn(sessionId).includes(messageId)) return;
  try {
    const message = await readMessage(sessionId, messageId);
    if (message?.status !== 'streaming') setParked(messageId, null);
  } catch (error) {
    reportFailure(error);
  }
}

function changed({ kind, session_id: sessionId, message_id: messageId }: Change): void {
  if (sessionId === null) return;
  if (kind === 'queue') void queryClient.invalidateQueries({ queryKey: ['queue', sessionId] });
  if (kind !== 'message') return;
  // What this tab is being told word by word needs no second telling.
  if (messageId !== null && (isWriting(sessionId, messageId) || isEcho('message', messageId))) return;
  refreshChat(sessionId);
  if (messageId !== null) void lookAfter(sessionId, messageId);
}

function reset(): void {
  const refetchType = document.hidden ? 'none' : 'active';
  void queryClient.invalidateQueries({ queryKey: ['chat'], refetchType });
  void queryClient.invalidateQueries({ queryKey: ['queue'], refetchType });
}

/** Keeps the messages on screen in step with other tabs and devices. */
export function followMessages(): void {
  listen({ changed, reset });
  onWake(wakeStreams);
}
