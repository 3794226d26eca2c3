import { describe, expect, it } from 'vitest';

import { readEvents, sequenceOf, type ServerEvent } from './sse';

const wire = [
  ': ping\n\n',
  'id: m1.1\ndata: {"content":"Grüße, "}\n\n',
  'id: m1.2\r\ndata: {"content":"日本 🌍"}\r\n\r\n',
  'event: done\ndata: {}\n\n',
].join('');
const bytes = new TextEncoder().encode(wire);

function streamOf(...parts: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

const expected: ServerEvent[] = [
  { id: 'm1.1', type: 'message', data: '{"content":"Grüße, "}' },
  { id: 'm1.2', type: 'message', data: '{"content":"日本 🌍"}' },
  { id: null, type: 'done', data: '{}' },
];

describe('readEvents', () => {
  it('B1: loses nothing at any two-way split of the bytes, also inside a character', async () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const events = await collect(streamOf(bytes.slice(0, cut), bytes.slice(cut)));
      expect(
        events.map(({ type, data }) => ({ type, data })),
        `cut at ${cut}`,
      ).toEqual(expected.map(({ type, data }) => ({ type, data })));
      expect(events[1]?.id).toBe('m1.2');
    }
  });

  it('reads a stream that comes byte by byte', async () => {
    const events = await collect(streamOf(...Array.from(bytes, (byte) => Uint8Array.of(byte))));
    expect(events.map((event) => event.data)).toEqual(expected.map((event) => event.data));
  });

  it('drops an event whose end was never sent', async () => {
    expect(await collect(streamOf(new TextEncoder().encode('data: {"content":"half')))).toEqual([]);
  });

  it('gives the connection back when the reader stops early', async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes);
      },
      cancel() {
        cancelled = true;
      },
    });
    for await (const event of readEvents(stream)) {
      expect(event.type).toBe('message');
      break;
    }
    expect(cancelled).toBe(true);
  });
});

describe('sequenceOf', () => {
  it('takes the number behind the last point', () => {
    expect(sequenceOf('a.b.12')).toBe(12);
    expect(sequenceOf('12')).toBeNull();
    expect(sequenceOf('a.x')).toBeNull();
    expect(sequenceOf(null)).toBeNull();
  });
});
