import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { chatQuery, emptyChat, patchChat, patchMessage, readChat, showMessages } from './chats';
import { ApiError } from './errors';
import * as http from './http';
import { extendMessages } from './more-messages';
import { queryClient } from './query-client';
import type { Message, Session } from './types';

vi.mock('./http', { spy: true });
const getJson = vi.mocked(http.getJson);

function message(n: number): Message {
  return { message_id: `m${n}`, role: 'user', content: `${n}`, timestamp: '2026-01-01T00:00:00Z' };
}

function answer(numbers: number[], before: string | null, after: string | null): Session {
  return { ...emptyChat('s1'), messages: numbers.map(message), before, after };
}

function ids(): string[] {
  return readChat('s1')?.messages.map((one) => one.message_id) ?? [];
}

/** An answer that comes when the test says so. */
function later(): { promise: Promise<Session>; come: (session: Session) => void } {
  let come: (session: Session) => void = () => undefined;
  const promise = new Promise<Session>((done) => {
    come = done;
  });
  return { promise, come };
}

beforeEach(() => {
  getJson.mockReset();
  queryClient.clear();
});

afterEach(() => {
  queryClient.clear();
});

describe('messages at a place', () => {
  it('take the place of those that were there', async () => {
    queryClient.setQueryData(chatQuery('s1').queryKey, answer([8, 9], 'm8', null));
    getJson.mockResolvedValueOnce(answer([4, 5], 'm4', 'm5'));
    await showMessages('s1', { around: 'm4' });
    expect(getJson.mock.calls[0]?.[2]).toEqual({ limit: 50, around: 'm4' });
    expect(ids()).toEqual(['m4', 'm5']);
  });

  it('are asked for again when something else came between', async () => {
    queryClient.setQueryData(chatQuery('s1').queryKey, answer([4, 5], 'm4', 'm5'));
    const first = later();
    getJson.mockReturnValueOnce(first.promise);
    getJson.mockResolvedValueOnce(answer([8, 9, 10], 'm8', null));
    const showing = showMessages('s1', 'end');
    await vi.waitFor(() => {
      expect(getJson).toHaveBeenCalledTimes(1);
    });
    patchMessage('s1', 'm4', (old) => ({ ...old, content: 'other' }));
    first.come(answer([8, 9], 'm8', null));
    await showing;
    expect(ids()).toEqual(['m8', 'm9', 'm10']);
  });

  it('are the newest when the message is not shown any more', async () => {
    getJson.mockRejectedValueOnce(new ApiError('not_found', 'Gone.', 404));
    getJson.mockResolvedValueOnce(answer([8, 9], 'm8', null));
    await showMessages('s1', { around: 'm4' });
    expect(ids()).toEqual(['m8', 'm9']);
  });
});

describe('more messages', () => {
  it('are joined to what is there by then', async () => {
    queryClient.setQueryData(chatQuery('s1').queryKey, answer([8, 9], 'm8', null));
    const older = later();
    getJson.mockReturnValueOnce(older.promise);
    const extending = extendMessages('s1', 'before');
    patchChat('s1', (chat) => ({ ...chat, messages: [...chat.messages, message(10)] }));
    older.come(answer([6, 7], 'm6', 'm7'));
    await extending;
    expect(getJson.mock.calls[0]?.[2]).toEqual({ limit: 20, before: 'm8' });
    expect(ids()).toEqual(['m6', 'm7', 'm8', 'm9', 'm10']);
    expect(readChat('s1')?.after).toBeNull();
  });

  it('are not asked for where the chat ends', async () => {
    queryClient.setQueryData(chatQuery('s1').queryKey, answer([1, 2], null, null));
    await extendMessages('s1', 'before');
    expect(getJson).not.toHaveBeenCalled();
  });
});
