import type { MessageStatus, ReplyEvent } from '../../../shared/api/types';
import { placed } from '../parts/part-list';

/**
 * One reply that is being written.
 *
 *   connecting -> waiting -> streaming -> (ended: the turn is gone)
 *                    \___________\____-> retrying -> streaming
 */
export type Phase = 'connecting' | 'waiting' | 'streaming' | 'retrying';
export type Kind = 'send' | 'regenerate' | 'edit' | 'continue' | 'queued' | 'follow';

export interface Turn {
  readonly key: string;
  readonly kind: Kind;
  readonly sessionId: string;
  readonly phase: Phase;
  /** The server has the request: from here on it is resumed, never repeated. */
  readonly accepted: boolean;
  readonly stopping: boolean;
  readonly messageId: string | null;
  readonly userMessageId: string | null;
  readonly userText: string;
  readonly model: string | null;
  readonly startedAt: string;
}

export type Action =
  { type: 'event'; event: ReplyEvent } | { type: 'lost' } | { type: 'stop' } | { type: 'stop-failed' };

/** Pure: what a turn becomes. */
export function reduceTurn(turn: Turn, action: Action): Turn {
  switch (action.type) {
    case 'event':
      return takeEvent(turn, action.event);
    case 'lost':
      return { ...turn, phase: 'retrying' };
    case 'stop':
      return { ...turn, stopping: true };
    case 'stop-failed':
      return { ...turn, stopping: false };
  }
}

function takeEvent(turn: Turn, event: ReplyEvent): Turn {
  const speaks = event.content !== '' || (event.reasoning ?? '') !== '' || placed(event.parts).length > 0;
  const begun = turn.phase === 'streaming' || speaks;
  return {
    ...turn,
    accepted: true,
    phase: begun ? 'streaming' : 'waiting',
    messageId: event.message_id,
    userMessageId: event.user_message_id ?? turn.userMessageId,
    model: event.model ?? turn.model,
  };
}

export function isFinal(event: ReplyEvent): event is ReplyEvent & { status: MessageStatus } {
  return event.status !== undefined && event.status !== 'streaming';
}
