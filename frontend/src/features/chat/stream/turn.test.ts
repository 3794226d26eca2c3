import { describe, expect, it } from 'vitest';

import { isFinal, reduceTurn, type Turn } from './turn';

const fresh: Turn = {
  key: 'k',
  kind: 'send',
  sessionId: 's',
  phase: 'connecting',
  accepted: false,
  stopping: false,
  messageId: null,
  userMessageId: null,
  userText: 'Hello',
  model: null,
  startedAt: '2026-01-01T00:00:00Z',
};

const first = { message_id: 'a', content: '', user_message_id: 'u', model: 'm', status: 'streaming' as const };

describe('reduceTurn', () => {
  it('goes from connecting over waiting to streaming', () => {
    const waiting = reduceTurn(fresh, { type: 'event', event: first });
    expect(waiting).toMatchObject({ phase: 'waiting', accepted: true, messageId: 'a', userMessageId: 'u', model: 'm' });
    const streaming = reduceTurn(waiting, { type: 'event', event: { message_id: 'a', content: 'Hi' } });
    expect(streaming).toMatchObject({ phase: 'streaming', messageId: 'a', userMessageId: 'u', model: 'm' });
    expect(reduceTurn(streaming, { type: 'event', event: { message_id: 'a', content: '' } }).phase).toBe('streaming');
  });

  it('takes reasoning for a sign of life', () => {
    expect(reduceTurn(fresh, { type: 'event', event: { message_id: 'a', content: '', reasoning: 'Hm' } }).phase).toBe(
      'streaming',
    );
  });

  it('keeps everything but the phase when the connection is lost', () => {
    const waiting = reduceTurn(fresh, { type: 'event', event: first });
    expect(reduceTurn(waiting, { type: 'lost' })).toEqual({ ...waiting, phase: 'retrying' });
  });

  it('can be stopped, and goes on if stopping failed', () => {
    const stopping = reduceTurn(fresh, { type: 'stop' });
    expect(stopping.stopping).toBe(true);
    expect(reduceTurn(stopping, { type: 'stop-failed' }).stopping).toBe(false);
  });
});

describe('isFinal', () => {
  it('knows the four final states', () => {
    for (const status of ['complete', 'stopped', 'error', 'interrupted'] as const) {
      expect(isFinal({ message_id: 'a', content: '', status })).toBe(true);
    }
    expect(isFinal(first)).toBe(false);
    expect(isFinal({ message_id: 'a', content: 'text' })).toBe(false);
  });
});
