import type { Message, Route } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { complain } from '../chat/complain';
import { regenerate, send } from '../chat/stream/turns';
import { saved } from '../models/choice';

/** Another variant of the reply, by somebody else. */
export async function askAgain(message: Message, question: string, route: Route): Promise<void> {
  const outcome = await regenerate(message, {
    sessionId: message.session_id ?? '',
    content: question,
    wishes: { route },
  });
  if (!outcome.ok) complain(outcome.error, text.errors.regenerate);
}

/** What Genie suggests is asked of Genie. */
export async function askGenie(sessionId: string, content: string): Promise<void> {
  await saved();
  const outcome = await send({ sessionId, content, wishes: { route: 'genie' } });
  if (!outcome.ok) complain(outcome.error, text.errors.send);
}
