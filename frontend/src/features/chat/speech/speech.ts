import { speechTexts as words } from '../../../shared/i18n/speech-texts';
import { readOut } from '../../../shared/lib/announcer';
import { readsAloud } from '../../../shared/lib/read-aloud';
import type { LiveText } from '../stream/live-text';
import { allTurns, readTurn, streams, textOf } from '../stream/stream-store';
import type { Turn } from '../stream/turn';
import { pathOf } from '../use-chat-actions';
import { Sentences } from './sentences';

/** At most so often something is said, and so much at once: a screen reader is slower than a model. */
const rest = 2000;
const mostAtOnce = 400;
/** So much waits to be said; then the page has to be read. */
const mostWaiting = 12_000;

interface Reading {
  turn: Turn;
  live: LiveText;
  sentences: Sentences;
}

let reading: Reading | null = null;
let waiting: string[] = [];
let full = false;
let timer: ReturnType<typeof setInterval> | undefined;

function isShown(turn: Turn): boolean {
  return window.location.pathname === pathOf(turn.sessionId);
}

function forget(): void {
  reading = null;
  waiting = [];
  full = false;
}

function put(pieces: readonly string[]): void {
  for (const piece of pieces) {
    if (full) return;
    const size = waiting.reduce((sum, one) => sum + one.length, 0);
    full = size + piece.length > mostWaiting;
    waiting.push(full ? words.tooLong : piece);
  }
}

function sayNext(): void {
  let text = waiting.shift() ?? '';
  while (waiting[0] !== undefined && text.length + waiting[0].length < mostAtOnce) text += ` ${waiting.shift() ?? ''}`;
  if (text !== '') readOut(text);
}

function begin(turn: Turn): void {
  const live = textOf(turn.key);
  forget();
  if (live === undefined) return;
  reading = { turn, live, sentences: new Sentences(live.content) };
  timer ??= setInterval(tick, rest);
}

/** Another reply on screen is being written: that one is read from now on. */
function notice(): void {
  const turn = allTurns().findLast(isShown);
  if (turn !== undefined && turn.key !== reading?.turn.key) begin(turn);
}

function look(): void {
  notice();
  if (reading === null) return;
  const { live, sentences } = reading;
  const turn = readTurn(reading.turn.key);
  const pieces = sentences.take(live.content, turn === undefined);
  if (readsAloud() && isShown(reading.turn) && turn?.stopping !== true) put(pieces);
  else waiting = [];
}

function tick(): void {
  look();
  sayNext();
  if (waiting.length > 0 || allTurns().length > 0) return;
  clearInterval(timer);
  timer = undefined;
  forget();
}

/** Gives replies to screen readers as they are written: by the sentence, never by the token. */
export function readReplies(): void {
  notice();
  streams.subscribe((now, before) => {
    if (now.turns !== before.turns) notice();
  });
}
