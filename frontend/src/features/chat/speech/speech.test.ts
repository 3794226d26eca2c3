import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import * as announcer from '../../../shared/lib/announcer';
import { setReadAloud } from '../../../shared/lib/read-aloud';
import { loadEngine } from '../../markdown/engine';
import { LiveText } from '../stream/live-text';
import { dropTurn, putText, putTurn } from '../stream/stream-store';
import { readReplies } from './speech';

vi.mock('../../../shared/lib/announcer', { spy: true });
vi.mock('../use-chat-actions', () => ({ pathOf: (id: string) => `/c/${id}` }));

const page = { location: { pathname: '/c/s1' } };
const said = () => vi.mocked(announcer.readOut).mock.calls.map(([text]) => text);

let event = 0;

function begin(key: string, sessionId: string): LiveText {
  const live = new LiveText();
  putText(key, live);
  putTurn({
    key,
    kind: 'send',
    sessionId,
    phase: 'streaming',
    accepted: true,
    stopping: false,
    messageId: key,
    userMessageId: null,
    userText: '',
    model: null,
    startedAt: '',
  });
  return live;
}

function write(live: LiveText, content: string): void {
  live.accepts(++event);
  live.add({ content });
}

vi.stubGlobal('window', page);
readReplies();

beforeEach(async () => {
  await loadEngine();
  vi.useFakeTimers();
  vi.mocked(announcer.readOut).mockReset();
  setReadAloud(true);
  page.location.pathname = '/c/s1';
});

afterEach(() => {
  dropTurn('t');
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
});

test('says at most one thing in two seconds, each of whole sentences', () => {
  const live = begin('t', 's1');
  for (let n = 0; n < 100; n++) {
    write(live, `Word${n}${n % 5 === 4 ? '. ' : ' '}`);
    vi.advanceTimersByTime(100);
  }
  expect(said().length).toBe(5);
  expect(said()[0]).toMatch(/^Word0 .* Word19\.$/);
  for (const text of said()) expect(text).toMatch(/\.$/);
});

test('says the rest when the reply has ended', () => {
  const live = begin('t', 's1');
  write(live, 'One. And no end');
  vi.advanceTimersByTime(2000);
  dropTurn('t');
  vi.advanceTimersByTime(2000);
  expect(said()).toEqual(['One.', 'And no end']);
  vi.advanceTimersByTime(20_000);
  expect(said()).toHaveLength(2);
});

test('says nothing of another chat, and nothing when it is not wanted', () => {
  const live = begin('t', 's2');
  write(live, 'In another chat. ');
  vi.advanceTimersByTime(4000);
  dropTurn('t');
  vi.advanceTimersByTime(4000);
  setReadAloud(false);
  write(begin('t', 's1'), 'Not wanted. ');
  vi.advanceTimersByTime(4000);
  expect(said()).toEqual([]);
  setReadAloud(true);
  vi.advanceTimersByTime(4000);
  expect(said()).toEqual([]);
});

test('what waits to be said is bounded', () => {
  const live = begin('t', 's1');
  write(live, 'This is a sentence of some length that says nothing. '.repeat(2000));
  dropTurn('t');
  vi.advanceTimersByTime(10 * 60_000);
  expect(said().join(' ').length).toBeLessThan(13_000);
  expect(said().length).toBeGreaterThan(20);
  expect(said().at(-1)).toMatch(/not read aloud\. It is on the page\.$/);
});

test('a new reply takes the place of the one before', () => {
  write(begin('t', 's1'), 'A long sentence that is said of the first reply. '.repeat(40));
  vi.advanceTimersByTime(2000);
  dropTurn('t');
  write(begin('u', 's1'), 'Second. ');
  vi.advanceTimersByTime(2000);
  expect(said().at(-1)).toBe('Second.');
  dropTurn('u');
});
