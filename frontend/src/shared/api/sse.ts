import { createParser } from 'eventsource-parser';

export interface ServerEvent {
  id: string | null;
  type: string;
  data: string;
}

/**
 * Reads server-sent events from bytes. Text is decoded across reads, so that neither a line nor
 * a character that is cut by the network is lost. An unfinished event at the end is dropped, as
 * the standard asks. `onBytes` is told of each read, pings included.
 */
export async function* readEvents(
  stream: ReadableStream<Uint8Array>,
  onBytes?: () => void,
): AsyncGenerator<ServerEvent, void, undefined> {
  const ready: ServerEvent[] = [];
  const parser = createParser({
    onEvent: (event) => {
      ready.push({ id: event.id ?? null, type: event.event ?? 'message', data: event.data });
    },
  });
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes?.();
      parser.feed(decoder.decode(value, { stream: true }));
      yield* ready.splice(0);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** The number behind the last point of an event's id, or null. */
export function sequenceOf(id: string | null): number | null {
  if (id === null) return null;
  const point = id.lastIndexOf('.');
  const digits = id.slice(point + 1);
  return point >= 0 && /^\d+$/.test(digits) ? Number(digits) : null;
}
