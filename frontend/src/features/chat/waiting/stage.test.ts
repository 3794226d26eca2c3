import { describe, expect, it } from 'vitest';

import type { Part } from '../../../shared/api/types';
import type { Turn } from '../stream/turn';
import { stageOf } from './stage';

const turn: Turn = {
  key: 'k',
  kind: 'send',
  sessionId: 's',
  phase: 'waiting',
  accepted: true,
  stopping: false,
  messageId: 'm',
  userMessageId: 'u',
  userText: 'Hello',
  model: 'one',
  startedAt: '2026-01-31T10:00:00Z',
};
const progress = (state: string): Part => ({ id: 'progress', kind: 'progress', at: 0, state });
const tool = (status: string, at = 0): Part => ({ id: 'tool-1', kind: 'tool', at, name: 'look_up', status });
const queue = (position: number): Part => ({ id: 'queue', kind: 'queue', at: 0, position });

describe('stageOf', () => {
  it.each([
    ['before the server has it', { ...turn, accepted: false }, [], 0, 'server'],
    ['once the server has it', turn, [], 0, 'model'],
    ['in the queue', turn, [queue(2)], 0, 'queue'],
    ['behind the queue', turn, [queue(0)], 0, 'model'],
    ['when the head of the answer is there', turn, [progress('answering')], 0, 'thought'],
    ['when the model is asked anew', turn, [progress('asking')], 0, 'model'],
    ['with a notice only', turn, [{ id: 'n', kind: 'notice', at: 0 }], 0, 'model'],
    ['after Genie failed', turn, [{ id: 'genie', kind: 'genie', at: 0, state: 'FAILED' }], 0, 'model'],
    ['while a tool runs', turn, [tool('running', 5)], 5, 'tool'],
    ['when a tool is done', turn, [tool('done', 5)], 5, 'thought'],
    ['when a reply is to go on', { ...turn, kind: 'continue' as const }, [], 12, 'model'],
  ])('%s', (_when, state, parts, said, at) => {
    expect(stageOf(state, parts, said)?.at).toBe(at);
  });

  it.each([
    ['while there is text', turn, [progress('answering')], 3],
    ['when text has followed the tool', turn, [tool('done', 5)], 9],
    ['while Genie tells of itself', turn, [{ id: 'genie', kind: 'genie', at: 0, state: 'ASKING_AI' }], 0],
    ['when an agent asks the person', turn, [{ id: 'a', kind: 'approval', at: 0 }], 0],
    ['when what goes on has gone on', { ...turn, kind: 'continue' as const, phase: 'streaming' as const }, [], 14],
  ])('says nothing %s', (_when, state, parts, said) => {
    expect(stageOf(state, parts, said)).toBeNull();
  });

  it('names the tool, and tells one from the next', () => {
    const first = stageOf(turn, [tool('running')], 0);
    const then = stageOf(turn, [tool('done')], 0);
    const next = stageOf(turn, [tool('done'), { ...tool('running'), id: 'tool-2' }], 0);
    expect(first).toMatchObject({ at: 'tool', tool: 'look_up' });
    expect(new Set([first?.key, then?.key, next?.key]).size).toBe(3);
  });
});
