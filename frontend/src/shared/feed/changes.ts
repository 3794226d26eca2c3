/** What has changed on the server, as the change feed tells it. */
export interface Change {
  kind: 'chat' | 'deleted' | 'message' | 'queue' | 'draft';
  session_id: string | null;
  message_id: string | null;
}

export type News =
  | { type: 'change'; change: Change }
  /** Something was missed: everything has to be read anew. */
  | { type: 'reset' };

const kinds: ReadonlySet<string> = new Set(['chat', 'deleted', 'message', 'queue', 'draft']);

export function parseChange(data: string): Change | null {
  try {
    const value = JSON.parse(data) as Partial<Change> | null;
    if (typeof value?.kind !== 'string' || !kinds.has(value.kind)) return null;
    return { kind: value.kind, session_id: value.session_id ?? null, message_id: value.message_id ?? null };
  } catch {
    return null;
  }
}

export interface Listener {
  changed: (change: Change) => void;
  reset: () => void;
}

const listeners = new Set<Listener>();

/** Hears what has changed; a feature asks for this once, at the start of the page. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function tell(news: News): void {
  for (const listener of listeners) {
    if (news.type === 'reset') listener.reset();
    else listener.changed(news.change);
  }
}

/** How long the feed may take to bring back what this tab has just done itself. */
const echoTime = 10_000;
const expected = new Map<string, number>();

function echoKey(kind: Change['kind'], id: string): string {
  return `${kind} ${id}`;
}

/** This tab has just made a change that it already shows: its echo need not be looked at. */
export function expectEcho(kind: Change['kind'], id: string): void {
  expected.set(echoKey(kind, id), Date.now() + echoTime);
}

/** True once for each expected echo. */
export function isEcho(kind: Change['kind'], id: string | null): boolean {
  const key = echoKey(kind, id ?? '');
  const until = expected.get(key);
  expected.delete(key);
  return until !== undefined && Date.now() < until;
}
