import { ApiError, isApiError } from '../../../shared/api/errors';
import type { StreamRequest } from '../../../shared/api/http';
import { pathTo } from '../../../shared/api/path';
import { readEvents, sequenceOf, type ServerEvent } from '../../../shared/api/sse';
import type { Message, ReplyEvent } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { nextTask } from '../../../shared/lib/next-task';
import { LiveText, Pace } from './live-text';
import { dropTurn, putText, putTurn, readTurn, showFrame, textOf } from './stream-store';
import { isFinal, reduceTurn, type Action, type Turn } from './turn';

/** What a turn needs of the world; tests bring their own. */
export interface Ports {
  open: (request: StreamRequest) => Promise<ReadableStream<Uint8Array> | null>;
  isCancelled: (error: unknown) => boolean;
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** The server has taken the message: both rows exist from now on. */
  began: (turn: Turn, event: ReplyEvent) => void;
  /** The reply has its final state. */
  ended: (turn: Turn, live: LiveText, event: ReplyEvent) => void;
  /** Keeps what is there of a reply that is no longer listened to. */
  parked: (turn: Turn, live: LiveText) => void;
  /** Asks the server for the message as it is stored now. */
  reload: (turn: Turn) => Promise<Message | null>;
  failed: (error: unknown) => void;
  /** Nobody listens to this turn any more. */
  closed: (key: string) => void;
}

export type Outcome = { ok: true } | { ok: false; error: unknown };

/** The server sends a sign of life at least each 15 s. */
const silence = 40_000;
/** After this silence a connection that slept with its machine is not trusted any more. */
const doubt = 20_000;
/** So often a request whose answer was lost is sent again. */
const mostRepeats = 3;
const backoff = [300, 700, 1500, 3000, 6000, 10_000];

interface Connection {
  controller: AbortController;
  parked: boolean;
  lastByte: number;
  /** How long the server wants to be left alone. */
  retryAfter: number | null;
}

export class TurnRunner {
  readonly #connections = new Map<string, Connection>();
  readonly #paces = new Map<string, Pace>();

  constructor(private readonly ports: Ports) {}

  /** Runs a turn to its end; resolves when the server has taken it, or has not. */
  start(turn: Turn, live: LiveText, request: Omit<StreamRequest, 'signal'>): Promise<Outcome> {
    putText(turn.key, live);
    putTurn(turn);
    this.#connections.set(turn.key, {
      controller: new AbortController(),
      parked: false,
      lastByte: Date.now(),
      retryAfter: null,
    });
    this.#paces.set(
      turn.key,
      new Pace(() => {
        showFrame(turn.key);
      }),
    );
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        resolve(outcome);
      };
      void this.#run(turn.key, request, settle);
    });
  }

  /** Stops listening; the reply goes on at the server and can be followed again. */
  park(key: string): void {
    const turn = readTurn(key);
    const live = textOf(key);
    const connection = this.#connections.get(key);
    if (turn === undefined || live === undefined || connection === undefined || !turn.accepted) return;
    connection.parked = true;
    this.ports.parked(turn, live);
    this.#forget(key);
    connection.controller.abort();
  }

  /** The machine has slept, or the network is back: what is silent is opened anew, what waits tries again. */
  wake(): void {
    for (const connection of this.#connections.values()) {
      if (Date.now() - connection.lastByte > doubt) connection.controller.abort();
    }
  }

  dispatch(key: string, action: Action): void {
    const turn = readTurn(key);
    if (turn !== undefined) putTurn(reduceTurn(turn, action));
  }

  async #run(key: string, first: Omit<StreamRequest, 'signal'>, settle: (outcome: Outcome) => void): Promise<void> {
    let request = first;
    for (let attempt = 0; ; attempt += 1) {
      const before = textOf(key)?.sequence ?? -1;
      const problem = await this.#attempt(key, request, settle);
      const turn = readTurn(key);
      if (turn === undefined || this.#connections.get(key)?.parked !== false) {
        settle({ ok: true });
        return;
      }
      if (!turn.accepted) {
        const error = problem ?? new ApiError('network', text.errors.network, 0);
        if (attempt < mostRepeats && mayRepeat(turn, error)) {
          await this.#pause(key, attempt);
          continue;
        }
        this.#forget(key);
        settle({ ok: false, error });
        return;
      }
      if ((textOf(key)?.sequence ?? -1) > before) attempt = 0;
      if (problem !== null) this.ports.failed(problem);
      if (await this.#isOver(turn, problem)) {
        this.#forget(key);
        return;
      }
      this.dispatch(key, { type: 'lost' });
      await this.#pause(key, attempt);
      const live = textOf(key);
      if (live === undefined) return;
      request = resumeRequest(turn.messageId ?? '', live.sequence);
    }
  }

  /** One connection from its opening to its end. Null: it closed, or had nothing more. */
  async #attempt(
    key: string,
    request: Omit<StreamRequest, 'signal'>,
    settle: (outcome: Outcome) => void,
  ): Promise<unknown> {
    const connection = this.#connections.get(key);
    if (connection === undefined) return null;
    connection.controller = new AbortController();
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      connection.lastByte = Date.now();
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        connection.controller.abort();
      }, silence);
    };
    try {
      alive();
      const stream = await this.ports.open({ ...request, signal: connection.controller.signal });
      if (stream === null) return new ApiError('no_content', '', 204);
      for await (const event of readEvents(stream, alive)) {
        const taken = this.#take(key, event);
        if (typeof taken === 'object') await this.#end(key, taken);
        if (taken !== false) return null;
        if (readTurn(key)?.accepted === true) settle({ ok: true });
      }
      return null;
    } catch (error) {
      return this.ports.isCancelled(error) ? null : error;
    } finally {
      clearTimeout(watchdog);
      // Ends the connection at once: a browser opens only a few to one server.
      connection.controller.abort();
    }
  }

  /** Takes one event: the reply's end, if it was the last; true when nobody waits for more. */
  #take(key: string, raw: ServerEvent): ReplyEvent | boolean {
    const turn = readTurn(key);
    const live = textOf(key);
    if (turn === undefined || live === undefined) return true;
    if (raw.type === 'reconnect') this.#leaveAlone(key, raw.data);
    if (raw.type !== 'message' && raw.type !== 'reset') return false;
    const event = parseEvent(raw.data);
    const sequence = sequenceOf(raw.id);
    if (event !== null && raw.type === 'reset') {
      live.replace('', '', -1);
    }
    // The end counts whatever its number: a restarted server gives it the last one that it knows.
    if (event === null || (!live.accepts(sequence) && !isFinal(event))) return false;
    if (tellsAll(turn, event)) live.replace('', '', live.sequence);
    const next = reduceTurn(turn, { type: 'event', event });
    if (isFinal(event)) {
      if (event.error === undefined || event.error === null || live.content !== '') live.add(event);
      if (!turn.accepted) {
        putTurn(next);
        this.ports.began(next, event);
      }
      return event;
    }
    live.add(event);
    if (changed(turn, next)) putTurn(next);
    if (!turn.accepted) this.ports.began(next, event);
    this.#paces.get(key)?.request();
    return false;
  }

  /** What is left to do with the words is done and shown in short tasks before the reply is told to be complete. */
  async #end(key: string, event: ReplyEvent): Promise<void> {
    textOf(key)?.close();
    while (textOf(key)?.mend() === true) {
      showFrame(key);
      await nextTask();
    }
    const turn = readTurn(key);
    const live = textOf(key);
    // It may have been parked, or its chat deleted, meanwhile.
    if (turn === undefined || live === undefined) return;
    this.ports.ended(reduceTurn(turn, { type: 'event', event }), live, event);
    this.#forget(key);
  }

  async #isOver(turn: Turn, problem: unknown): Promise<boolean> {
    const gone = isApiError(problem) && nothingMore.has(problem.status);
    if (isApiError(problem) && problem.isSignedOut) {
      this.park(turn.key);
      return true;
    }
    if (!gone) return false;
    try {
      const message = await this.ports.reload(turn);
      if (message?.status !== 'streaming') return true;
      // These events are no longer kept: go on from what the message says.
      if (problem.status === 410)
        textOf(turn.key)?.replace(
          message.content,
          message.reasoning ?? '',
          message.stream?.after ?? 0,
          message.parts ?? [],
        );
      return false;
    } catch (error) {
      this.ports.failed(error);
      return false;
    }
  }

  async #pause(key: string, attempt: number): Promise<void> {
    const connection = this.#connections.get(key);
    if (connection === undefined) return;
    const base = connection.retryAfter ?? backoff[Math.min(attempt, backoff.length - 1)] ?? 1000;
    connection.retryAfter = null;
    connection.controller = new AbortController();
    await this.ports.wait(base * (0.8 + 0.4 * Math.random()), connection.controller.signal);
  }

  /** The server is going away, and says when to come back. */
  #leaveAlone(key: string, data: string): void {
    const connection = this.#connections.get(key);
    const wait = /"retry_after_ms"\s*:\s*(\d+)/.exec(data)?.[1];
    if (connection !== undefined && wait !== undefined) connection.retryAfter = Number(wait);
  }

  #forget(key: string): void {
    this.#paces.get(key)?.cancel();
    this.#paces.delete(key);
    this.#connections.delete(key);
    dropTurn(key);
    this.ports.closed(key);
  }
}

/** Answers after which the message itself is looked at. */
const nothingMore: ReadonlySet<number> = new Set([204, 404, 410]);

/** Each request that starts a reply carries a key of its own: sent again, it is still one. */
function mayRepeat(turn: Turn, error: unknown): boolean {
  return turn.kind !== 'follow' && turn.kind !== 'queued' && isApiError(error) && error.isNetwork;
}

/** The server tells a continuation that it had already begun from the reply's very beginning. */
function tellsAll(turn: Turn, event: ReplyEvent): boolean {
  return turn.kind === 'continue' && !turn.accepted && event.continued !== true;
}

/** Most events only bring words: then nothing but the words is shown anew. */
function changed(before: Turn, after: Turn): boolean {
  return (Object.keys(after) as (keyof Turn)[]).some((name) => before[name] !== after[name]);
}

function parseEvent(data: string): ReplyEvent | null {
  try {
    const value = JSON.parse(data) as Partial<ReplyEvent> | null;
    if (typeof value?.message_id !== 'string') return null;
    return { ...value, message_id: value.message_id, content: typeof value.content === 'string' ? value.content : '' };
  } catch {
    return null;
  }
}

export function resumeRequest(messageId: string, sequence: number): Omit<StreamRequest, 'signal'> {
  const after = Math.max(sequence, 0);
  return {
    method: 'GET',
    path: pathTo('/messages/{message_id}/stream', { message_id: messageId }),
    params: { after },
    headers: { 'Last-Event-ID': `${messageId}.${after}` },
  };
}
