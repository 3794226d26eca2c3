import { chatQuery, readChat, titleOf } from '../../shared/api/chats';
import { isApiError } from '../../shared/api/errors';
import { patchJson, postJson, remove } from '../../shared/api/http';
import { pathTo } from '../../shared/api/path';
import { dropErased, listedSession, placeSession, refreshSoon } from '../../shared/api/lists';
import { queryClient, reportFailure } from '../../shared/api/query-client';
import type { Session } from '../../shared/api/types';
import { withHead } from '../../shared/api/window';
import { text } from '../../shared/i18n/messages';
import { announce } from '../../shared/lib/announcer';
import { notify } from '../../shared/ui/notices';
import { toast } from '../../shared/ui/toasts';
import { resumeRename } from './renaming';

type Sentence = (why: string) => string;
export type Change = Partial<Pick<Session, 'title' | 'pinned' | 'archived'>>;

export function pathOf(session: Session) {
  return pathTo('/chats/{session_id}', { session_id: session.sessionId });
}

export function shownTitle(session: Pick<Session, 'title' | 'firstQuery'>): string {
  const title = titleOf(session);
  return title === '' ? text.chats.untitled : title;
}

export function complain(error: unknown, sentence: Sentence): void {
  reportFailure(error);
  if (!isApiError(error)) notify(sentence(text.errors.unknown));
  else if (!error.isSignedOut) notify(sentence(error.message), error.requestId);
}

/** Shows a chat as it is now: in the lists, and at the head of the chat if that is open. */
export function show(session: Session): void {
  placeSession(session);
  if (readChat(session.sessionId) === undefined) return;
  queryClient.setQueryData(chatQuery(session.sessionId).queryKey, (chat) => chat && withHead(chat, session));
}

/** Shows what is wished at once, and what was there before if the server does not agree. */
async function optimistic<T>(before: Session, wished: Session, ask: () => Promise<T>): Promise<T> {
  show(wished);
  try {
    return await ask();
  } catch (error) {
    show(before);
    refreshSoon();
    throw error;
  }
}

export async function patchChatOf(session: Session, change: Change, revision?: number): Promise<Session> {
  return patchJson(pathOf(session), revision === undefined ? change : { ...change, revision });
}

/** Only the members named are changed: nothing that another device changed meanwhile is lost. */
async function update(session: Session, change: Change, revision?: number): Promise<Session> {
  const now = await optimistic(session, { ...session, ...change }, () => patchChatOf(session, change, revision));
  show({ ...now, messages: [] });
  return now;
}

async function tryUpdate(session: Session, change: Change, done: string | null): Promise<boolean> {
  try {
    await update(session, change);
    if (done !== null) announce(done);
    return true;
  } catch (error) {
    complain(error, text.errors.update);
    return false;
  }
}

export async function setPinned(session: Session, pinned: boolean): Promise<void> {
  const title = shownTitle(session);
  await tryUpdate(session, { pinned }, pinned ? text.chats.isPinned(title) : text.chats.isUnpinned(title));
}

export async function setArchived(session: Session, archived: boolean): Promise<void> {
  const undo = () => void tryUpdate({ ...session, archived }, { archived: !archived }, text.toasts.undone);
  toast(archived ? text.chats.isArchived : text.chats.isUnarchived, { detail: shownTitle(session), undo });
  await tryUpdate(session, { archived }, null);
}

/** So often somebody else's other change may come between before we give up. */
const mostTries = 3;

/**
 * Renames a chat. Where another device has renamed it too, its name is shown and the typed one is
 * kept in the field for the person to decide; other changes in between are no conflict.
 */
export async function rename(session: Session, typed: string): Promise<void> {
  let base = session;
  for (let tries = 1; ; tries += 1) {
    try {
      await update(base, { title: typed }, base.revision);
      announce(text.chats.renamed(typed === '' ? shownTitle(listedSession(session.sessionId) ?? session) : typed));
      return;
    } catch (error) {
      const theirs = isApiError(error) && error.isConflict ? await current(session) : undefined;
      if (theirs === undefined || tries >= mostTries) {
        complain(error, text.errors.rename);
        resumeRename({ session: theirs ?? base, typed, theirs: null });
        return;
      }
      show({ ...theirs, messages: [] });
      if (titleOf(theirs) !== titleOf(session)) {
        resumeRename({ session: theirs, typed, theirs: shownTitle(theirs) });
        return;
      }
      base = theirs;
    }
  }
}

/** A chat as the server has it now; undefined if that cannot be told. */
async function current(session: Session): Promise<Session | undefined> {
  try {
    return await queryClient.fetchQuery({ ...chatQuery(session.sessionId), staleTime: 0 });
  } catch {
    return undefined;
  }
}

/** To the trash, with the way back at hand. `back` is called when it is there again. */
export async function discard(session: Session, back: () => void): Promise<void> {
  const gone = { ...session, deleted_at: new Date().toISOString() };
  const asked = optimistic(session, gone, () => remove(pathOf(session)));
  const undo = async () => {
    await asked.catch(() => undefined);
    if (await restore(listedSession(session.sessionId) ?? gone)) back();
  };
  toast(text.chats.removed, { detail: shownTitle(session), undo: () => void undo() });
  try {
    await asked;
  } catch (error) {
    complain(error, text.errors.remove);
  }
}

export async function askToRestore(session: Session): Promise<void> {
  const now = await postJson(pathTo('/chats/{session_id}/restore', { session_id: session.sessionId }));
  show({ ...now, messages: [] });
}

export async function restore(session: Session): Promise<boolean> {
  try {
    await optimistic(session, { ...session, deleted_at: null }, () => askToRestore(session));
    announce(text.chats.restored(shownTitle(session)));
    return true;
  } catch (error) {
    complain(error, text.errors.restore);
    return false;
  }
}

/** What another device has erased is as erased as it can be. */
export function unlessGone(error: unknown): void {
  if (!isApiError(error) || error.status !== 404) throw error;
}

/** For good. What is shown goes when the server says that it is gone. */
export async function erase(session: Session): Promise<boolean> {
  try {
    await remove(pathOf(session), { forever: 'true' }).catch(unlessGone);
    dropErased((other) => other.sessionId === session.sessionId);
    toast(text.chats.erased, { detail: shownTitle(session) });
    return true;
  } catch (error) {
    complain(error, text.errors.erase);
    return false;
  }
}

export async function emptyTrash(): Promise<boolean> {
  try {
    const { erased } = await remove('/trash');
    dropErased(() => true);
    refreshSoon();
    toast(text.chats.emptied(erased));
    return true;
  } catch (error) {
    complain(error, text.errors.erase);
    return false;
  }
}
