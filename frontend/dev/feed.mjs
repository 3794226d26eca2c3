// What has changed, in order, and whoever listens.
import { numberIn, openEvents } from './http.mjs';

const kept = 1000;
const beat = 12_000;
const changes = [];
const listeners = new Set();
let last = 0;

export function changed(kind, session_id, message_id) {
  last += 1;
  changes.push({
    sequence: last,
    data: JSON.stringify({ kind, session_id: session_id ?? null, message_id: message_id ?? null }),
  });
  if (changes.length > kept) changes.shift();
  for (const response of listeners) write(response, changes.at(-1));
}

function write(response, change) {
  response.write(`id: ${change.sequence}\ndata: ${change.data}\n\n`);
}

function watch(request, response, url) {
  const header = request.headers['last-event-id'];
  const after =
    header !== undefined && /^\d+$/.test(header)
      ? Number(header)
      : numberIn(url, 'after', null, 0, Number.MAX_SAFE_INTEGER);
  openEvents(response);
  response.write(`event: hello\ndata: {"last":${last}}\n\n`);
  const oldest = changes[0]?.sequence ?? last + 1;
  if (after !== null && (after > last || after + 1 < oldest))
    response.write(`id: ${last}\nevent: reset\ndata: {"last":${last}}\n\n`);
  else if (after !== null) for (const change of changes) if (change.sequence > after) write(response, change);
  listeners.add(response);
  const timer = setInterval(() => response.write(': ping\n\n'), beat);
  response.on('close', () => {
    clearInterval(timer);
    listeners.delete(response);
  });
}

/** As at a shutdown: everybody is told when to come back. */
export function sendAway(milliseconds) {
  for (const response of listeners) response.end(`event: reconnect\ndata: {"retry_after_ms":${milliseconds}}\n\n`);
}

export const feedRoutes = [['GET', 'events', ({ request, response, url }) => watch(request, response, url)]];
