import { chatQuery, readChat } from '../../shared/api/chats';
import { queryClient } from '../../shared/api/query-client';

/** The pointer rests so long on a chat that is likely to be chosen. */
const rest = 80;

let timer: ReturnType<typeof setTimeout> | undefined;
/** The chat that is being read ahead: one at a time. */
let reading: string | null = null;

function chatAt(target: EventTarget | null): string | null {
  const link = target instanceof Element ? target.closest<HTMLElement>('a[data-session]') : null;
  return link?.dataset.session ?? null;
}

/** Nobody has opened the one that was read: it is of no use any more. */
function giveUp(): void {
  if (reading === null) return;
  const { queryKey } = chatQuery(reading);
  const query = queryClient.getQueryCache().find({ queryKey });
  if (query !== undefined && !query.isActive()) void query.cancel();
  reading = null;
}

async function read(sessionId: string): Promise<void> {
  if (sessionId === reading || readChat(sessionId) !== undefined) return;
  giveUp();
  reading = sessionId;
  // What fails is asked for again, and told, when the chat is opened.
  await queryClient.prefetchQuery({ ...chatQuery(sessionId), retry: false });
  if (reading === sessionId) reading = null;
}

function point(event: Event): void {
  clearTimeout(timer);
  const sessionId = chatAt(event.target);
  if (sessionId === null) giveUp();
  else timer = setTimeout(() => void read(sessionId), rest);
}

function choose(event: MouseEvent): void {
  const sessionId = chatAt(event.target);
  const elsewhere = event.shiftKey || event.ctrlKey || event.metaKey || event.button !== 0;
  if (sessionId !== null && !elsewhere) void read(sessionId);
}

/** Reads the chat that somebody is about to open: that of the list which is pointed at, focused or pressed. */
export function readAhead(): void {
  document.addEventListener('pointerover', point, { passive: true });
  document.addEventListener('focusin', point);
  document.addEventListener('pointerdown', choose, { passive: true });
  // Before the page begins to render what was chosen.
  document.addEventListener('click', choose, { capture: true });
}
