import { chatQuery } from '../../shared/api/chats';
import { isNewest, refreshSoon } from '../../shared/api/lists';
import { queryClient } from '../../shared/api/query-client';
import { listen, type Change } from '../../shared/feed/changes';

function changed({ kind, session_id: id }: Change): void {
  if (kind === 'draft' || id === null) return;
  if (kind === 'message' && isNewest(id)) return;
  refreshSoon();
  const { queryKey } = chatQuery(id);
  // What is gone must not be shown any more; the rest of a chat's news is in its messages.
  if (kind === 'deleted') void queryClient.resetQueries({ queryKey });
  else if (kind === 'chat') void queryClient.invalidateQueries({ queryKey });
}

/** Keeps the lists of chats in step with other tabs and devices. */
export function followLists(): void {
  listen({ changed, reset: refreshSoon });
}
