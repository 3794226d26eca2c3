import { isApiError } from '../../shared/api/errors';
import { reportFailure } from '../../shared/api/query-client';
import { text } from '../../shared/i18n/messages';
import { notify } from '../../shared/ui/notices';
import { coolDown } from './waiting/cooldown';

/** Says on the page why something was not done; a lost sign-in is said elsewhere. */
export function complain(error: unknown, sentence: (why: string) => string): void {
  reportFailure(error);
  if (!isApiError(error)) notify(sentence(text.errors.unknown));
  else if (!error.isSignedOut && !coolDown(error, sentence(error.message)))
    notify(sentence(error.message), error.requestId);
}
