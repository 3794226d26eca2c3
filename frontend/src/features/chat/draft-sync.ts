import { queryOptions } from '@tanstack/react-query';

import { getJson, putJson } from '../../shared/api/http';
import { pathTo } from '../../shared/api/path';
import { isApiError } from '../../shared/api/errors';
import { queryClient, reportFailure } from '../../shared/api/query-client';
import { expectEcho, isEcho, listen } from '../../shared/feed/changes';
import { onWake } from '../../shared/lib/wake';
import { prefix, storedKeys } from '../../shared/lib/storage';
import { adopt, markSaved, onWritten, readDraft, reread, unsavedKeys, unsavedSince } from './drafts';

/** How long after the last key a draft is saved. */
const rest = 1000;
/** Browsers let larger bodies not outlive their page. */
const mostLasting = 48_000;

const timers = new Map<string, ReturnType<typeof setTimeout>>();
/** One request for each draft at a time: an older text must not arrive after a newer one. */
const saving = new Set<string>();
const hopeless: ReadonlySet<number> = new Set([404, 413, 422]);
/** Texts that the server has refused: asking again would not help. */
const refused = new Map<string, string>();

const draftsQuery = queryOptions({
  queryKey: ['drafts'],
  queryFn: async ({ signal }) => (await getJson('/drafts', signal)).drafts,
  staleTime: 0,
});

async function save(key: string, leaving = false): Promise<void> {
  clearTimeout(timers.get(key));
  timers.delete(key);
  const content = readDraft(key);
  if (unsavedSince(key) === null || refused.get(key) === content || (saving.has(key) && !leaving)) return;
  saving.add(key);
  try {
    expectEcho('draft', key);
    await putJson(
      pathTo('/drafts/{session_id}', { session_id: key }),
      { content },
      leaving && content.length * 3 < mostLasting,
    );
    markSaved(key, content);
    refused.delete(key);
  } catch (error) {
    // It stays on this device, and is offered again with the next key or when the server is back.
    isEcho('draft', key);
    reportFailure(error);
    if (isApiError(error) && hopeless.has(error.status)) refused.set(key, content);
  } finally {
    saving.delete(key);
  }
  if (readDraft(key) !== content) saveSoon(key);
}

function saveSoon(key: string): void {
  clearTimeout(timers.get(key));
  // A text that was sent or cleared is taken away at once.
  timers.set(
    key,
    setTimeout(() => void save(key), readDraft(key) === '' ? 0 : rest),
  );
}

/** Saves what waits to be saved at once; `leaving` where the page may go away before the answer. */
function saveDrafts(leaving: boolean): void {
  for (const key of unsavedKeys()) void save(key, leaving);
}

/** So many drafts the server tells of at most; then one that is not told of may still be there. */
const mostTold = 200;
/** The drafts that the server had: one that is gone there is gone here too. */
let known = new Set<string>();

async function load(): Promise<void> {
  try {
    const drafts = await queryClient.fetchQuery(draftsQuery);
    const now = new Set(drafts.map((draft) => draft.session_id));
    for (const draft of drafts) adopt(draft.session_id, draft.content, Date.parse(draft.updated_at));
    // Nothing says when it was taken away: whatever is being typed stays.
    if (drafts.length < mostTold) for (const key of known) if (!now.has(key)) adopt(key, '', 0);
    known = now;
  } catch (error) {
    reportFailure(error);
  }
}

let stale = false;

function loadWhenSeen(): void {
  stale = true;
  if (document.hidden) return;
  stale = false;
  void load();
}

/** Keeps drafts on the server, so that they follow a person to other devices. */
export function followDrafts(): void {
  onWritten(saveSoon);
  known = new Set(storedKeys('draft.'));
  loadWhenSeen();
  listen({
    changed: ({ kind, session_id: id }) => {
      if (kind === 'draft' && !isEcho('draft', id)) loadWhenSeen();
    },
    reset: loadWhenSeen,
  });
  onWake(() => {
    saveDrafts(false);
    if (stale) loadWhenSeen();
  });
  const leave = () => {
    if (document.hidden) saveDrafts(true);
  };
  document.addEventListener('visibilitychange', leave);
  document.addEventListener('focusout', () => {
    // What took the focus away goes on first: it may be the sending of a message.
    setTimeout(() => {
      saveDrafts(false);
    });
  });
  window.addEventListener('pagehide', () => {
    saveDrafts(true);
  });
  window.addEventListener('storage', (event) => {
    const beginning = `${prefix}draft.`;
    if (event.key?.startsWith(beginning) === true) reread(event.key.slice(beginning.length));
  });
}
