import { patchMessage, readChat } from '../../shared/api/chats';
import { isApiError } from '../../shared/api/errors';
import { postJson } from '../../shared/api/http';
import { reportFailure } from '../../shared/api/query-client';
import type { Rating } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { announce } from '../../shared/lib/announcer';
import { notify } from '../../shared/ui/notices';

export interface RatingPorts {
  read: (sessionId: string, messageId: string) => Rating | null;
  show: (sessionId: string, messageId: string, rating: Rating | null) => void;
  save: (messageId: string, rating: Rating | null) => Promise<unknown>;
}

/** The newest wish per message: an older answer must not undo it. */
const wishes = new Map<string, number>();
let counter = 0;

/** Shows the rating at once and takes it back if the server does not keep it. */
export async function rateWith(ports: RatingPorts, sessionId: string, messageId: string, wanted: Rating): Promise<Rating | null> {
  const before = ports.read(sessionId, messageId);
  const after = before === wanted ? null : wanted;
  const wish = (counter += 1);
  wishes.set(messageId, wish);
  ports.show(sessionId, messageId, after);
  try {
    await ports.save(messageId, after);
    return after;
  } catch (error) {
    if (wishes.get(messageId) === wish) ports.show(sessionId, messageId, before);
    throw error;
  }
}

const ports: RatingPorts = {
  read: (sessionId, messageId) =>
    readChat(sessionId)?.messages.find((message) => message.message_id === messageId)?.rating ?? null,
  show: (sessionId, messageId, rating) => {
    patchMessage(sessionId, messageId, (message) => ({ ...message, rating }));
  },
  save: (messageId, rating) =>
    postJson(`/messages/${encodeURIComponent(messageId)}/rate`, undefined, { rating: rating ?? 'null' }),
};

export async function rate(sessionId: string, messageId: string, wanted: Rating): Promise<void> {
  try {
    const kept = await rateWith(ports, sessionId, messageId, wanted);
    announce(kept === null ? text.status.unrated : text.status.rated);
  } catch (error) {
    reportFailure(error);
    if (isApiError(error)) notify(text.errors.rate(error.message), error.requestId);
  }
}
