import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { chatQuery, emptyChat, readChat } from '../../../shared/api/chats';
import { ApiError } from '../../../shared/api/errors';
import * as http from '../../../shared/api/http';
import { queryClient } from '../../../shared/api/query-client';
import type { Session } from '../../../shared/api/types';
import { reportBack } from '../../../shared/lib/connection';
import { EventStream, settled } from '../../../testing/event-stream';
import { rowsOf } from '../rows';
import { loadEngine } from '../../markdown/engine';
import { documentFor } from './documents';
import { allTurns, dropTurn, streams, textOf } from './stream-store';
import { continueReply, editAndResend, follow, parkHidden, regenerate, send, sendQueued, stop } from './turns';

vi.mock('../../../shared/api/http', { spy: true });
// A browser's connections are counted by the browser.
vi.mock('./slots', () => ({ takeSlot: () => Promise.resolve(() => undefined) }));

const open = vi.mocked(http.openStream);
const getJson = vi.mocked(http.getJson);
const postJson = vi.mocked(http.postJson);

function put(chat: Session): void {
  queryClient.setQueryData(chatQuery(chat.sessionId).queryKey, chat);
}

/** What the page would show in a chat, as "role: words". */
function shown(sessionId: string): string[] {
  const turns = allTurns().filter((turn) => turn.sessionId === sessionId);
  return rowsOf(readChat(sessionId)?.messages ?? [], turns, null).map(({ message, turn }) => {
    const words = turn === null ? message.content : (textOf(turn.key)?.content ?? '');
    return `${message.role}: ${words}`;
  });
}

const final = { status: 'complete' as const, metrics: { timeToFirstToken: 0.5, totalTime: 1 } };

beforeEach(async () => {
  await loadEngine();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  open.mockReset();
  getJson.mockReset();
  postJson.mockReset();
  reportBack();
  queryClient.clear();
});

afterEach(() => {
  for (const turn of allTurns()) dropTurn(turn.key);
  vi.useRealTimers();
});

describe('a reply that streams', () => {
  it('shows the question at once, and the reply as it comes', async () => {
    const wire = new EventStream('a1');
    open.mockResolvedValue(wire.stream);
    put(emptyChat('s1'));
    const sending = send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    expect(shown('s1')).toEqual(['user: Hello', 'assistant: ']);
    const keys = rowsOf([], allTurns(), null).map((row) => row.key);
    await settled();
    await wire.send(1, { user_message_id: 'u1', model: 'm', status: 'streaming' });
    expect(await sending).toEqual({ ok: true });
    await wire.send(2, { content: 'Hi ' });
    await wire.send(3, { content: 'there' });
    expect(shown('s1')).toEqual(['user: Hello', 'assistant: Hi there']);
    await wire.send(4, final);
    expect(allTurns()).toEqual([]);
    expect(readChat('s1')?.messages.at(-1)).toMatchObject({
      message_id: 'a1',
      content: 'Hi there',
      status: 'complete',
      metrics: final.metrics,
      model: 'm',
    });
    expect(rowsOf(readChat('s1')?.messages ?? [], [], null).map((row) => row.key)).toEqual(keys);
    expect(open.mock.calls[0]?.[0]).toMatchObject({
      method: 'POST',
      path: '/chat',
      body: { content: 'Hello', session_id: 's1', include_history: true },
    });
  });

  it('shows what late labels change piece by piece before it is complete', async () => {
    const wire = new EventStream('a1');
    open.mockResolvedValue(wire.stream);
    put(emptyChat('s1'));
    void send({ sessionId: 's1', content: 'Hello' });
    await settled();
    await wire.send(1, { user_message_id: 'u1', status: 'streaming' });
    const words = `See [b]. ${'More words. '.repeat(120)}\n\n`.repeat(6);
    await wire.send(2, { content: `${words}[b]: https://example.org` });
    const frames: number[] = [];
    const stopWatching = streams.subscribe(({ frames: all }) => frames.push(...Object.values(all)));
    await wire.send(3, final);
    await vi.waitFor(() => {
      expect(allTurns()).toEqual([]);
    });
    stopWatching();
    expect(new Set(frames).size).toBeGreaterThanOrEqual(6);
    expect(readChat('s1')?.messages.at(-1)).toMatchObject({ status: 'complete' });
    const { blocks } = documentFor(readChat('s1')?.messages.at(-1)?.content ?? '');
    expect(blocks[0]?.node).toMatchObject({ children: [{}, { type: 'linkReference' }, {}] });
  });

  it('B10: stays in its own chat, whatever chat is on screen', async () => {
    const first = new EventStream('a1');
    const second = new EventStream('a2');
    open.mockResolvedValueOnce(first.stream).mockResolvedValueOnce(second.stream);
    put(emptyChat('s1'));
    put(emptyChat('s2'));
    void send({ sessionId: 's1', content: 'One', wishes: { include_history: true } });
    void send({ sessionId: 's2', content: 'Two', wishes: { include_history: true } });
    await settled();
    await first.send(1, { user_message_id: 'u1', status: 'streaming' });
    await second.send(1, { user_message_id: 'u2', status: 'streaming' });
    await first.send(2, { content: 'first' });
    await second.send(2, { content: 'second' });
    await first.send(3, final);
    expect(shown('s1')).toEqual(['user: One', 'assistant: first']);
    expect(shown('s2')).toEqual(['user: Two', 'assistant: second']);
    await second.send(3, final);
    expect(readChat('s1')?.messages).toHaveLength(2);
    expect(readChat('s2')?.messages.map((message) => message.content)).toEqual(['Two', 'second']);
  });

  it('is resumed where it broke off, without a doubled or a missing character', async () => {
    const broken = new EventStream('a1');
    const resumed = new EventStream('a1');
    open.mockResolvedValueOnce(broken.stream).mockResolvedValueOnce(resumed.stream);
    put(emptyChat('s1'));
    void send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    await broken.send(1, { user_message_id: 'u1', status: 'streaming' });
    await broken.send(2, { content: 'ab' });
    await broken.cut();
    expect(allTurns()[0]?.phase).toBe('retrying');
    await vi.advanceTimersByTimeAsync(1000);
    await settled();
    expect(open.mock.calls[1]?.[0]).toMatchObject({
      method: 'GET',
      path: '/messages/a1/stream',
      params: { after: 2 },
      headers: { 'Last-Event-ID': 'a1.2' },
    });
    await resumed.send(2, { content: 'ab' });
    await resumed.send(3, { content: 'cd' });
    await resumed.send(4, final);
    expect(readChat('s1')?.messages.at(-1)?.content).toBe('abcd');
    expect(readChat('s1')?.messages).toHaveLength(2);
  });

  it('is asked for again if it ended while nobody listened', async () => {
    const broken = new EventStream('a1');
    open.mockResolvedValueOnce(broken.stream).mockResolvedValueOnce(null);
    put(emptyChat('s1'));
    void send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    await broken.send(1, { user_message_id: 'u1', status: 'streaming' });
    await broken.close();
    const stored = readChat('s1');
    getJson.mockResolvedValue({
      ...stored,
      messages: stored?.messages.map((message) =>
        message.role === 'user' ? message : { ...message, content: 'whole', status: 'complete' },
      ),
    });
    await vi.advanceTimersByTimeAsync(1000);
    await settled();
    expect(allTurns()).toEqual([]);
    expect(readChat('s1')?.messages.at(-1)).toMatchObject({ content: 'whole', status: 'complete' });
  });

  it('is given up as unsent when the server refuses it', async () => {
    const refusal = new ApiError('rate_limited', 'Too many messages.', 429);
    open.mockRejectedValue(refusal);
    put(emptyChat('s1'));
    expect(await send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } })).toEqual({
      ok: false,
      error: refusal,
    });
    expect(shown('s1')).toEqual([]);
  });

  it('keeps an error apart from the text', async () => {
    const wire = new EventStream('a1');
    open.mockResolvedValue(wire.stream);
    put(emptyChat('s1'));
    void send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    await wire.send(1, { user_message_id: 'u1', status: 'streaming' });
    const error = { code: 'upstream_unavailable', message: 'Not now.', retryable: true };
    await wire.send(2, { status: 'error', content: 'Not now.', error });
    expect(readChat('s1')?.messages.at(-1)).toMatchObject({ content: '', status: 'error', error });
  });

  it('is let go of when nobody sees it, and taken up again later', async () => {
    const wire = new EventStream('a1');
    const again = new EventStream('a1');
    open.mockResolvedValueOnce(wire.stream).mockResolvedValueOnce(again.stream);
    put(emptyChat('s1'));
    void send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    await wire.send(1, { user_message_id: 'u1', status: 'streaming' });
    await wire.send(2, { content: 'half' });
    parkHidden('s1');
    expect(allTurns()).toHaveLength(1);
    parkHidden('other');
    expect(allTurns()).toEqual([]);
    const parked = readChat('s1')?.messages.at(-1);
    expect(parked).toMatchObject({ status: 'streaming', content: 'half', stream: { after: 2 } });
    if (parked !== undefined) await follow('s1', parked);
    await settled();
    await again.send(3, { content: ' and half' });
    await again.send(4, final);
    expect(readChat('s1')?.messages.at(-1)?.content).toBe('half and half');
  });
});

describe('a server that cannot go on where a reply was left', () => {
  it('starts over: its text takes the place of what was shown', async () => {
    const wire = new EventStream('a1');
    open.mockResolvedValue(wire.stream);
    put(emptyChat('s1'));
    void send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    await wire.send(1, { user_message_id: 'u1', status: 'streaming' });
    await wire.send(2, { content: 'old words' });
    await wire.reset(5, { content: 'new words' });
    await wire.send(6, { content: ' and more' });
    await wire.send(7, final);
    expect(readChat('s1')?.messages.at(-1)?.content).toBe('new words and more');
  });

  it('has the message read when the events are no longer kept, and goes on from there', async () => {
    const broken = new EventStream('a1');
    const resumed = new EventStream('a1');
    open
      .mockResolvedValueOnce(broken.stream)
      .mockRejectedValueOnce(new ApiError('events_gone', '', 410))
      .mockResolvedValueOnce(resumed.stream);
    put(emptyChat('s1'));
    void send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    await broken.send(1, { user_message_id: 'u1', status: 'streaming' });
    await broken.send(2, { content: 'ab' });
    await broken.cut();
    const stored = readChat('s1');
    getJson.mockResolvedValue({
      ...stored,
      messages: stored?.messages.map((message) =>
        message.role === 'user' ? message : { ...message, content: 'abcd', stream: { after: 9 } },
      ),
    });
    await vi.advanceTimersByTimeAsync(1000);
    await settled();
    await vi.advanceTimersByTimeAsync(2000);
    await settled();
    expect(open.mock.calls[2]?.[0]).toMatchObject({ params: { after: 9 } });
    await resumed.send(10, { content: 'ef' });
    await resumed.send(11, final);
    expect(readChat('s1')?.messages.at(-1)?.content).toBe('abcdef');
  });
});

describe('a message that another way tells of first', () => {
  it('is shown once, and its reply is not followed twice', async () => {
    const wire = new EventStream('a1');
    open.mockResolvedValue(wire.stream);
    put(emptyChat('s1'));
    void send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    const userMessageId = allTurns()[0]?.userMessageId ?? '';
    const common = { session_id: 's1', timestamp: '2026-01-01T00:00:00Z' };
    const told = {
      ...common,
      message_id: 'a1',
      role: 'assistant' as const,
      content: '',
      parent_id: userMessageId,
      status: 'streaming' as const,
      stream: { after: 0 },
    };
    put({
      ...emptyChat('s1'),
      messages: [{ ...common, message_id: userMessageId, role: 'user', content: 'Hello' }, told],
    });
    expect(shown('s1')).toEqual(['user: Hello', 'assistant: ']);
    expect(await follow('s1', told)).toBe(true);
    expect(open).toHaveBeenCalledTimes(1);
    await wire.send(1, { user_message_id: userMessageId, status: 'streaming' });
    await wire.send(2, { content: 'Hi' });
    expect(shown('s1')).toEqual(['user: Hello', 'assistant: Hi']);
  });

  it('written again after its answer was lost, is the same message', async () => {
    open.mockRejectedValue(new ApiError('network', 'Gone.', 0));
    put(emptyChat('s1'));
    const ask = { sessionId: 's1', content: 'Hello', wishes: { include_history: true } };
    const first = send(ask);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await first).ok).toBe(false);
    void send(ask);
    void send({ ...ask, content: 'Other' });
    await settled();
    const ids = open.mock.calls.map(([request]) => (request.body as { message_id: string }).message_id);
    expect(ids.at(-2)).toBe(ids[0]);
    expect(ids.at(-1)).not.toBe(ids[0]);
  });
});

describe('a reply found in the middle', () => {
  it('is read from its beginning where no place to go on from is named', async () => {
    const wire = new EventStream('a1');
    open.mockResolvedValue(wire.stream);
    const found = {
      message_id: 'a1',
      session_id: 's1',
      role: 'assistant' as const,
      content: 'half of',
      timestamp: '2026-01-01T00:00:00Z',
      status: 'streaming' as const,
      stream: { after: 0 },
    };
    put({ ...emptyChat('s1'), messages: [found] });
    await follow('s1', found);
    await settled();
    await wire.send(1, { status: 'streaming' });
    await wire.send(2, { content: 'half of it' });
    await wire.send(3, final);
    expect(readChat('s1')?.messages.at(-1)?.content).toBe('half of it');
  });
});

describe('a message whose sending breaks', () => {
  it('is sent once more under the same id', async () => {
    const wire = new EventStream('a1');
    open.mockRejectedValueOnce(new ApiError('network', 'Gone.', 0)).mockResolvedValueOnce(wire.stream);
    put(emptyChat('s1'));
    const sending = send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    await vi.advanceTimersByTimeAsync(1000);
    await wire.send(1, { user_message_id: 'u1', status: 'streaming' });
    expect(await sending).toEqual({ ok: true });
    expect(open).toHaveBeenCalledTimes(2);
    expect(open.mock.calls[1]?.[0].body).toEqual(open.mock.calls[0]?.[0].body);
    expect(shown('s1')).toEqual(['user: Hello', 'assistant: ']);
  });

  it('is given up when it breaks again and again', async () => {
    open.mockRejectedValue(new ApiError('network', 'Gone.', 0));
    put(emptyChat('s1'));
    const sending = send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await sending).ok).toBe(false);
    expect(open).toHaveBeenCalledTimes(4);
    expect(shown('s1')).toEqual([]);
  });
});

describe('regenerate', () => {
  const old = {
    message_id: 'a1',
    session_id: 's1',
    role: 'assistant' as const,
    content: 'old',
    timestamp: '2026-01-01T00:00:00Z',
    rating: 'up' as const,
    status: 'complete' as const,
  };
  const question = { ...old, message_id: 'u1', role: 'user' as const, content: 'Why?', rating: null };

  it('writes in place under the same id, and starts unrated', async () => {
    const wire = new EventStream('a1');
    open.mockResolvedValue(wire.stream);
    put({ ...emptyChat('s1'), messages: [question, old] });
    void regenerate(old, { sessionId: 's1', content: 'Why?', wishes: { include_history: false } });
    await settled();
    await wire.send(1, { status: 'streaming' });
    await wire.send(2, { content: 'new' });
    await wire.send(3, final);
    expect(readChat('s1')?.messages.map((message) => [message.message_id, message.content, message.rating])).toEqual([
      ['u1', 'Why?', null],
      ['a1', 'new', null],
    ]);
    expect(open.mock.calls[0]?.[0].body).toEqual({
      message_id: 'a1',
      original_content: 'Why?',
      session_id: 's1',
      include_history: false,
      branch: true,
    });
    expect(open.mock.calls[0]?.[0].headers?.['Idempotency-Key']).toMatch(/.{20}/);
    expect(readChat('s1')?.messages[1]).toMatchObject({ variant: 2, variants: 2 });
  });

  it('leaves the old reply when the server refuses', async () => {
    open.mockRejectedValue(new ApiError('conflict', 'Busy.', 409));
    put({ ...emptyChat('s1'), messages: [question, old] });
    expect((await regenerate(old, { sessionId: 's1', content: 'Why?', wishes: { include_history: true } })).ok).toBe(
      false,
    );
    expect(readChat('s1')?.messages[1]).toEqual(old);
  });
});

describe('edit and send again', () => {
  const common = { session_id: 's1', timestamp: '2026-01-01T00:00:00Z', status: 'complete' as const };
  const question = { ...common, message_id: 'u1', role: 'user' as const, content: 'Why?' };
  const reply = { ...common, message_id: 'a1', role: 'assistant' as const, content: 'Because.', parent_id: 'u1' };
  const later = { ...common, message_id: 'u2', role: 'user' as const, content: 'And then?', parent_id: 'a1' };

  it('shows the new words at once, and nothing that followed the old ones', async () => {
    const wire = new EventStream('a9');
    open.mockResolvedValue(wire.stream);
    put({ ...emptyChat('s1'), messages: [question, reply, later] });
    const editing = editAndResend(question, { sessionId: 's1', content: 'How?', wishes: { include_history: true } });
    expect(shown('s1')).toEqual(['user: How?', 'assistant: ']);
    await settled();
    await wire.send(1, { user_message_id: 'u1', status: 'streaming' });
    expect(await editing).toEqual({ ok: true });
    await wire.send(2, { content: 'Thus.' });
    await wire.send(3, final);
    expect(shown('s1')).toEqual(['user: How?', 'assistant: Thus.']);
    expect(readChat('s1')?.messages[0]).toMatchObject({ message_id: 'u1', variant: 2, variants: 2 });
    expect(open.mock.calls[0]?.[0]).toMatchObject({
      path: '/messages/u1/edit',
      body: { content: 'How?', include_history: true },
    });
  });

  it('leaves everything as it was when the server refuses', async () => {
    open.mockRejectedValue(new ApiError('reply_in_progress', 'Busy.', 409));
    put({ ...emptyChat('s1'), messages: [question, reply, later] });
    expect(
      (await editAndResend(question, { sessionId: 's1', content: 'How?', wishes: { include_history: true } })).ok,
    ).toBe(false);
    expect(shown('s1')).toEqual(['user: Why?', 'assistant: Because.', 'user: And then?']);
  });
});

describe('continue', () => {
  const cut = {
    message_id: 'a1',
    session_id: 's1',
    role: 'assistant' as const,
    content: 'Once upon',
    timestamp: '2026-01-01T00:00:00Z',
    status: 'interrupted' as const,
  };

  it('goes on behind the text that is there', async () => {
    const wire = new EventStream('a1');
    open.mockResolvedValue(wire.stream);
    put({ ...emptyChat('s1'), messages: [cut] });
    void continueReply('s1', cut);
    expect(shown('s1')).toEqual(['assistant: Once upon']);
    await settled();
    await wire.send(8, { status: 'streaming', continued: true });
    await wire.send(9, { content: ' a time' });
    expect(shown('s1')).toEqual(['assistant: Once upon a time']);
    await wire.send(10, final);
    expect(readChat('s1')?.messages).toMatchObject([{ content: 'Once upon a time', status: 'complete' }]);
  });

  it('doubles nothing when it had begun already and is told from the start', async () => {
    const wire = new EventStream('a1');
    open.mockRejectedValueOnce(new ApiError('network', 'Gone.', 0)).mockResolvedValueOnce(wire.stream);
    put({ ...emptyChat('s1'), messages: [cut] });
    void continueReply('s1', cut);
    await settled();
    await vi.advanceTimersByTimeAsync(1000);
    await wire.send(1, { status: 'streaming' });
    await wire.send(9, { content: 'Once upon a time' });
    await wire.send(10, final);
    expect(open.mock.calls[1]?.[0].headers).toEqual(open.mock.calls[0]?.[0].headers);
    expect(readChat('s1')?.messages[0]?.content).toBe('Once upon a time');
  });
});

describe('a message that waited', () => {
  it('becomes a turn under its own id', async () => {
    const wire = new EventStream('a5');
    open.mockResolvedValue(wire.stream);
    put(emptyChat('s1'));
    void sendQueued({ queue_id: 'q1', session_id: 's1', content: 'Next', created_at: '2026-01-01T00:00:00Z' });
    expect(shown('s1')).toEqual(['user: Next', 'assistant: ']);
    await settled();
    await wire.send(1, { user_message_id: 'q1', status: 'streaming' });
    await wire.send(2, final);
    expect(readChat('s1')?.messages.map((message) => message.message_id)).toEqual(['q1', 'a5']);
    expect(open.mock.calls[0]?.[0]).toMatchObject({ method: 'POST', path: '/chats/s1/queue/send' });
  });
});

describe('stop', () => {
  it('asks the server and keeps the text', async () => {
    const wire = new EventStream('a1');
    open.mockResolvedValue(wire.stream);
    postJson.mockResolvedValue({ message_id: 'a1', status: 'stopped' });
    put(emptyChat('s1'));
    void send({ sessionId: 's1', content: 'Hello', wishes: { include_history: true } });
    await settled();
    await wire.send(1, { user_message_id: 'u1', status: 'streaming' });
    await wire.send(2, { content: 'Once upon' });
    await stop(allTurns()[0]?.key ?? '');
    expect(postJson).toHaveBeenCalledWith('/messages/a1/stop');
    expect(allTurns()[0]?.stopping).toBe(true);
    await wire.send(3, { status: 'stopped' });
    expect(readChat('s1')?.messages.at(-1)).toMatchObject({ content: 'Once upon', status: 'stopped' });
  });
});
