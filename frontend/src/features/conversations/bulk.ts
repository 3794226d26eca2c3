import { remove } from '../../shared/api/http';
import { dropErased, refreshSoon } from '../../shared/api/lists';
import type { Session } from '../../shared/api/types';
import { bulkText } from '../../shared/i18n/bulk-texts';
import { text } from '../../shared/i18n/messages';
import { announce } from '../../shared/lib/announcer';
import { toast } from '../../shared/ui/toasts';
import { askToRestore, complain, patchChatOf, pathOf, show, unlessGone, type Change } from './housekeeping';

/** What is done to several chats at once: one toast, one undo, a few requests at a time. */

const atOnce = 4;

interface Outcome {
  done: Session[];
  failed: number;
}

/** Asks for each; what fails is shown as it was, and said in one sentence. */
async function forEach(
  sessions: readonly Session[],
  ask: (session: Session) => Promise<unknown>,
  takeBack: (session: Session) => void,
): Promise<Outcome> {
  const waiting = [...sessions];
  const done: Session[] = [];
  const failures: unknown[] = [];
  const worker = async () => {
    for (let session = waiting.shift(); session !== undefined; session = waiting.shift()) {
      try {
        // One after the other, on purpose.
        // oxlint-disable-next-line no-await-in-loop
        await ask(session);
        done.push(session);
      } catch (error) {
        takeBack(session);
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) {
    complain(failures[0], (why) => bulkText.failed(failures.length, why));
    refreshSoon();
  }
  return { done, failed: failures.length };
}

/** Shows all as they are wished to be, then asks. */
async function changeAll(sessions: readonly Session[], change: Change): Promise<Outcome> {
  for (const session of sessions) show({ ...session, ...change });
  return forEach(
    sessions,
    async (session) => {
      show({ ...(await patchChatOf(session, change)), messages: [] });
    },
    show,
  );
}

function withUndo(words: string, asked: Promise<Outcome>, undo: (done: Session[]) => Promise<unknown>): void {
  const act = async () => {
    await undo((await asked).done);
    announce(text.toasts.undone);
  };
  toast(words, { undo: () => void act() });
}

export async function pinAll(sessions: readonly Session[], pinned: boolean): Promise<void> {
  const others = sessions.filter((session) => (session.pinned === true) !== pinned);
  const asked = changeAll(others, { pinned });
  withUndo((pinned ? bulkText.pinned : bulkText.unpinned)(others.length), asked, (done) =>
    changeAll(
      done.map((session) => ({ ...session, pinned })),
      { pinned: !pinned },
    ),
  );
  await asked;
}

export async function archiveAll(sessions: readonly Session[], archived: boolean): Promise<void> {
  const asked = changeAll(sessions, { archived });
  withUndo((archived ? bulkText.archived : bulkText.unarchived)(sessions.length), asked, (done) =>
    changeAll(
      done.map((session) => ({ ...session, archived })),
      { archived: !archived },
    ),
  );
  await asked;
}

async function returnAll(sessions: readonly Session[]): Promise<Outcome> {
  const gone = sessions.map((session) => ({ ...session, deleted_at: session.deleted_at ?? new Date().toISOString() }));
  for (const session of gone) show({ ...session, deleted_at: null });
  return forEach(gone, askToRestore, show);
}

/** To the trash. `back` is called when they are there again. */
export async function discardAll(sessions: readonly Session[], back: () => void): Promise<void> {
  const deletedAt = new Date().toISOString();
  for (const session of sessions) show({ ...session, deleted_at: deletedAt });
  const asked = forEach(sessions, (session) => remove(pathOf(session)), show);
  withUndo(bulkText.removed(sessions.length), asked, async (done) => {
    await returnAll(done);
    back();
  });
  await asked;
}

export async function restoreAll(sessions: readonly Session[]): Promise<void> {
  const { done } = await returnAll(sessions);
  if (done.length > 0) toast(bulkText.restored(done.length));
}

/** For good. What is shown goes when the server says that it is gone. */
export async function eraseAll(sessions: readonly Session[]): Promise<void> {
  const { done } = await forEach(
    sessions,
    (session) => remove(pathOf(session), { forever: 'true' }).catch(unlessGone),
    () => undefined,
  );
  const gone = new Set(done.map((session) => session.sessionId));
  dropErased((session) => gone.has(session.sessionId));
  if (done.length > 0) toast(bulkText.erased(done.length));
}
