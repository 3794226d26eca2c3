import { isApiError } from '../../../shared/api/errors';
import { text } from '../../../shared/i18n/messages';
import { Link } from '../../../shared/lib/router';
import { Button, PrimaryButton } from '../../../shared/ui/button';
import { Missing } from './chat-styles';

/** In place of a chat that cannot be shown. */
export function ChatMissing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const gone = isApiError(error) && (error.status === 404 || error.status === 422);
  return (
    <Missing data-testid="chat-missing">
      <h2>{gone ? text.chat.missingTitle : text.chat.loadFailed}</h2>
      <p>{gone ? text.chat.missingBody : isApiError(error) ? error.message : text.errors.unknown}</p>
      {gone && <Link to="/trash">{text.chat.lookInTrash}</Link>}
      {gone ? (
        <PrimaryButton as={Link} to="/">
          {text.chat.startNew}
        </PrimaryButton>
      ) : (
        <Button type="button" onClick={onRetry}>
          {text.banner.retry}
        </Button>
      )}
    </Missing>
  );
}
