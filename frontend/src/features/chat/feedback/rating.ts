import { patchMessage, readChat } from '../../../shared/api/chats';
import { isApiError } from '../../../shared/api/errors';
import { postJson } from '../../../shared/api/http';
import { pathTo } from '../../../shared/api/path';
import { reportFailure } from '../../../shared/api/query-client';
import type { Feedback, Message, Rating } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { announce } from '../../../shared/lib/announcer';
import { notify } from '../../../shared/ui/notices';

export interface RatingPorts {
  read: (sessionId: string, messageId: string) => Feedback | null;
  show: (sessionId: string, messageId: string, feedback: Feedback | null) => void;
  /** Without `said` the server keeps what was said with the rating before. */
  save: (messageId: string, rating: Rating | null, said?: Pick<Feedback, 'reasons' | 'comment'>) => Promise<unknown>;
}

/** The newest wish per message: an older answer must not undo it. */
const wishes = new Map<string, number>();
let counter = 0;

/** Shows at once what is said of a reply and takes it back if the server does not keep it. */
async function keep(
  ports: RatingPorts,
  sessionId: string,
  messageId: string,
  after: Feedback | null,
  save: () => Promise<unknown>,
): Promise<void> {
  const before = ports.read(sessionId, messageId);
  const wish = (counter += 1);
  wishes.set(messageId, wish);
  ports.show(sessionId, messageId, after);
  try {
    await save();
  } catch (error) {
    if (wishes.get(messageId) === wish) ports.show(sessionId, messageId, before);
    throw error;
  }
}

/** The same thumb again withdraws the rating; the other one keeps the comment, as the server does. */
export async function rateWith(
  ports: RatingPorts,
  sessionId: string,
  messageId: string,
  wanted: Rating,
): Promise<Rating | null> {
  const before = ports.read(sessionId, messageId);
  const rating = before?.rating === wanted ? null : wanted;
  const after = rating === null ? null : { rating, reasons: [], comment: before?.comment ?? null };
  await keep(ports, sessionId, messageId, after, () => ports.save(messageId, rating));
  return rating;
}

export async function sayWith(
  ports: RatingPorts,
  sessionId: string,
  messageId: string,
  feedback: Feedback,
): Promise<void> {
  const { rating, reasons, comment } = feedback;
  await keep(ports, sessionId, messageId, feedback, () =>
    ports.save(messageId, rating, { reasons, comment: comment ?? '' }),
  );
}

export function feedbackOf(message: Message | undefined): Feedback | null {
  const rating = message?.rating ?? null;
  return message?.feedback ?? (rating === null ? null : { rating, reasons: [], comment: null });
}

const ports: RatingPorts = {
  read: (sessionId, messageId) =>
    feedbackOf(readChat(sessionId)?.messages.find((message) => message.message_id === messageId)),
  show: (sessionId, messageId, feedback) => {
    patchMessage(sessionId, messageId, (message) => ({ ...message, rating: feedback?.rating ?? null, feedback }));
  },
  save: (messageId, rating, said) =>
    postJson(pathTo('/messages/{message_id}/rate', { message_id: messageId }), said, { rating: rating ?? 'null' }),
};

async function tell(what: Promise<Rating | null>): Promise<boolean> {
  try {
    const kept = await what;
    announce(kept === null ? text.status.unrated : text.status.rated);
    return true;
  } catch (error) {
    reportFailure(error);
    if (isApiError(error)) notify(text.errors.rate(error.message), error.requestId);
    return false;
  }
}

export async function rate(sessionId: string, messageId: string, wanted: Rating): Promise<void> {
  await tell(rateWith(ports, sessionId, messageId, wanted));
}

/** False when it was not kept; the person has been told. */
export async function say(sessionId: string, messageId: string, feedback: Feedback): Promise<boolean> {
  return tell(sayWith(ports, sessionId, messageId, feedback).then(() => feedback.rating));
}
