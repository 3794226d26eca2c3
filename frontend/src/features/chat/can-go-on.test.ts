import { describe, expect, it } from 'vitest';

import type { Message } from '../../shared/api/types';
import { canGoOn, ownText } from './can-go-on';

function reply(members: Partial<Message>): Message {
  return { message_id: 'a', role: 'assistant', content: 'Half', timestamp: '2026-01-01T00:00:00Z', ...members };
}

const error = { code: 'upstream_unavailable', message: 'Not now.' };

describe('canGoOn', () => {
  it.each([
    [{ status: 'stopped' as const }, true],
    [{ status: 'interrupted' as const }, true],
    [{ status: 'error' as const, error }, true],
    [{ status: 'complete' as const, finish_reason: 'length' }, true],
    [{ status: 'complete' as const, finish_reason: 'stop' }, false],
    [{ status: 'streaming' as const }, false],
    [{ status: 'stopped' as const, content: '' }, false],
    [{ status: 'error' as const, error, content: error.message }, false],
    [{ status: 'stopped' as const, role: 'user' as const }, false],
  ])('%o: %s', (members, expected) => {
    expect(canGoOn(reply(members))).toBe(expected);
  });
});

describe('ownText', () => {
  it('is not the sentence of an error', () => {
    expect(ownText(reply({ status: 'error', error, content: error.message }))).toBe('');
    expect(ownText(reply({ status: 'error', error, content: 'Half' }))).toBe('Half');
  });
});
