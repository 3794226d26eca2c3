import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../api/errors';
import type { StreamRequest } from '../api/http';
import { settled } from '../../testing/event-stream';
import type { News } from './changes';
import { FeedReader, type FeedPorts } from './reader';

/** A server whose streams a test writes by hand. */
class Wire {
  readonly requests: StreamRequest[] = [];
  readonly news: News[] = [];
  readonly waits: number[] = [];
  readonly failures: unknown[] = [];
  last: number | null = null;
  refuse: Error | null = null;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #go: () => void = () => undefined;

  readonly ports: FeedPorts = {
    open: (request) => {
      this.requests.push(request);
      if (this.refuse !== null) return Promise.reject(this.refuse);
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.#controller = controller;
        },
      });
      request.signal.addEventListener('abort', () => this.#controller?.error(new DOMException('', 'AbortError')));
      return Promise.resolve(stream);
    },
    isCancelled: (error) => error instanceof DOMException,
    wait: async (milliseconds, signal) => {
      this.waits.push(milliseconds);
      await new Promise<void>((resolve) => {
        this.#go = resolve;
        signal.addEventListener('abort', () => {
          resolve();
        });
      });
    },
    now: () => Date.now(),
    random: () => 0,
    last: () => this.last,
    remember: (last) => {
      this.last = last;
    },
    tell: (news) => this.news.push(news),
    failed: (error) => this.failures.push(error),
  };

  async write(words: string): Promise<void> {
    this.#controller?.enqueue(new TextEncoder().encode(words));
    await settled();
  }

  async change(sequence: number, session: string): Promise<void> {
    await this.write(`id: ${sequence}\ndata: {"kind":"chat","session_id":"${session}","message_id":null}\n\n`);
  }

  async close(): Promise<void> {
    this.#controller?.close();
    await settled();
  }

  async goOn(): Promise<void> {
    this.#go();
    await settled();
  }

  get told(): string[] {
    return this.news.map((one) =>
      one.type === 'reset' ? 'reset' : `${one.change.kind} ${one.change.session_id ?? ''}`,
    );
  }
}

let wire: Wire;
let reader: FeedReader;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  wire = new Wire();
  reader = new FeedReader(wire.ports);
});

afterEach(() => {
  reader.stop();
  vi.useRealTimers();
});

async function start(): Promise<void> {
  void reader.run();
  await settled();
}

describe('FeedReader', () => {
  it('looks at everything on the first visit, then hears what changes', async () => {
    await start();
    expect(wire.requests[0]?.params).toBeUndefined();
    await wire.write('id: 7\nevent: hello\ndata: {"last":7}\n\n');
    await wire.change(8, 'a');
    expect(wire.told).toEqual(['reset', 'chat a']);
    expect(wire.last).toBe(8);
  });

  it('goes on behind the last change, takes none twice and misses none', async () => {
    wire.last = 7;
    await start();
    await wire.write('id: 7\nevent: hello\ndata: {"last":9}\n\n');
    await wire.change(8, 'a');
    await wire.close();
    await wire.goOn();
    expect(wire.requests.map((request) => request.headers?.['Last-Event-ID'])).toEqual(['7', '8']);
    await wire.change(8, 'a');
    await wire.change(9, 'b');
    expect(wire.told).toEqual(['chat a', 'chat b']);
  });

  it('looks at everything when the server says so, or has gone back in time', async () => {
    wire.last = 50;
    await start();
    await wire.write('event: hello\ndata: {"last":3}\n\n');
    expect([wire.told, wire.last]).toEqual([['reset'], 3]);
    await wire.write('id: 90\nevent: reset\ndata: {"last":90}\n\n');
    expect([wire.told, wire.last]).toEqual([['reset', 'reset'], 90]);
  });

  it('leaves a server that restarts alone for as long as it says', async () => {
    wire.last = 1;
    await start();
    await wire.write('event: reconnect\ndata: {"retry_after_ms":4000}\n\n');
    await wire.close();
    expect(wire.waits).toEqual([3000]);
    await wire.goOn();
    expect(wire.requests).toHaveLength(2);
    expect(wire.failures).toEqual([]);
  });

  it('waits longer each time that the server cannot be reached, and says so', async () => {
    wire.refuse = new ApiError('network', '', 0);
    await start();
    for (let count = 0; count < 7; count += 1) await wire.goOn();
    expect(wire.waits).toEqual([375, 750, 1500, 3000, 6000, 11_250, 22_500, 22_500]);
    expect(wire.failures).toHaveLength(8);
  });

  it('gives up a connection that has fallen silent', async () => {
    wire.last = 1;
    await start();
    await wire.write(': ping\n\n');
    await vi.advanceTimersByTimeAsync(29_000);
    expect(wire.waits).toEqual([]);
    await wire.write(': ping\n\n');
    await vi.advanceTimersByTimeAsync(31_000);
    await settled();
    expect(wire.waits).toHaveLength(1);
  });

  it('after a sleep trusts only a connection that has spoken lately', async () => {
    wire.last = 1;
    await start();
    await wire.write(': ping\n\n');
    reader.wake();
    await settled();
    expect(wire.waits).toEqual([]);
    vi.setSystemTime(Date.now() + 20_000);
    reader.wake();
    await settled();
    expect(wire.waits).toHaveLength(1);
  });

  it('ends when nobody is signed in', async () => {
    wire.refuse = new ApiError('unauthenticated', '', 401);
    let over = false;
    void reader.run().then(() => {
      over = true;
      return over;
    });
    await settled();
    expect(over).toBe(true);
    expect(wire.failures).toHaveLength(1);
  });

  it('does not stumble over what it does not know', async () => {
    wire.last = 1;
    await start();
    await wire.write('id: 2\ndata: nonsense\n\nid: 3\ndata: {"kind":"weather"}\n\nevent: later\ndata: {}\n\n');
    await wire.change(4, 'a');
    expect([wire.told, wire.last]).toEqual([['chat a'], 4]);
  });
});
