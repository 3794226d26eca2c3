import { isApiError } from '../api/errors';
import type { StreamRequest } from '../api/http';
import { readEvents, type ServerEvent } from '../api/sse';
import { parseChange, type News } from './changes';

export interface FeedPorts {
  open: (request: StreamRequest) => Promise<ReadableStream<Uint8Array> | null>;
  isCancelled: (error: unknown) => boolean;
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  now: () => number;
  random: () => number;
  /** Number of the last change that this browser has seen; null: it has seen none. */
  last: () => number | null;
  remember: (last: number) => void;
  tell: (news: News) => void;
  /** The feed could not be opened. */
  failed: (error: unknown) => void;
}

/** The server sends a sign of life each 12 s. */
const silence = 30_000;
/** After this silence a connection that slept with its machine is not trusted any more. */
const doubt = 15_000;
const backoff = [500, 1000, 2000, 4000, 8000, 15_000, 30_000];

/** Reads the change feed, and opens it again for as long as it is wanted. */
export class FeedReader {
  readonly #stopped = new AbortController();
  #connection = new AbortController();
  #lastByte = 0;
  #retryAfter: number | null = null;

  constructor(private readonly ports: FeedPorts) {}

  /** Ends when stop() is called, or when nobody is signed in. */
  async run(): Promise<void> {
    for (let attempt = 0; !this.#stopped.signal.aborted; attempt += 1) {
      this.#retryAfter = null;
      const { heard, error } = await this.#attempt();
      if (isApiError(error) && error.isSignedOut) {
        this.ports.failed(error);
        return;
      }
      if (this.#stopped.signal.aborted) return;
      if (heard) attempt = 0;
      else if (error !== null) this.ports.failed(error);
      this.#connection = new AbortController();
      await this.ports.wait(this.#pause(attempt), this.#connection.signal);
    }
  }

  stop(): void {
    this.#stopped.abort();
    this.#connection.abort();
  }

  /** The machine has slept, or the network is back: what is silent is given up, what waits tries again. */
  wake(): void {
    if (this.ports.now() - this.#lastByte > doubt) this.#connection.abort();
  }

  /** Spread, so that the pages of a whole company do not come back in the same moment. */
  #pause(attempt: number): number {
    const base = this.#retryAfter ?? backoff[Math.min(attempt, backoff.length - 1)] ?? 1000;
    return base * (0.75 + 0.75 * this.ports.random());
  }

  async #attempt(): Promise<{ heard: boolean; error: unknown }> {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    let heard = false;
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      this.#lastByte = this.ports.now();
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        this.#connection.abort();
      }, silence);
    };
    try {
      alive();
      const stream = await this.ports.open({ ...feedRequest(this.ports.last()), signal });
      if (stream === null) return { heard, error: null };
      for await (const event of readEvents(stream, alive)) {
        heard = true;
        this.#take(event);
      }
      return { heard, error: null };
    } catch (error) {
      return { heard, error: this.ports.isCancelled(error) ? null : error };
    } finally {
      clearTimeout(watchdog);
      this.#connection.abort();
    }
  }

  #take(event: ServerEvent): void {
    const last = this.ports.last();
    const told = numberOf(event.data, 'last');
    if (event.type === 'reconnect') this.#retryAfter = numberOf(event.data, 'retry_after_ms');
    else if (event.type === 'hello') {
      // A browser that has seen nothing, or more than there is (an older copy of the database): look at everything.
      if (told !== null && (last === null || told < last)) this.#reset(told);
    } else if (event.type === 'reset') this.#reset(told ?? idOf(event) ?? 0);
    else if (event.type === 'message') this.#change(event, last);
  }

  #reset(last: number): void {
    this.ports.tell({ type: 'reset' });
    this.ports.remember(last);
  }

  #change(event: ServerEvent, last: number | null): void {
    const sequence = idOf(event);
    if (sequence !== null && last !== null && sequence <= last) return;
    const change = parseChange(event.data);
    if (change !== null) this.ports.tell({ type: 'change', change });
    if (sequence !== null) this.ports.remember(sequence);
  }
}

function idOf(event: ServerEvent): number | null {
  return event.id !== null && /^\d+$/.test(event.id) ? Number(event.id) : null;
}

function numberOf(data: string, member: string): number | null {
  try {
    const value: unknown = (JSON.parse(data) as Record<string, unknown> | null)?.[member];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  } catch {
    return null;
  }
}

function feedRequest(last: number | null): Omit<StreamRequest, 'signal'> {
  if (last === null) return { method: 'GET', path: '/events' };
  return { method: 'GET', path: '/events', params: { after: last }, headers: { 'Last-Event-ID': String(last) } };
}
