import { describe, expect, it, vi } from 'vitest';

import type { Feedback } from '../../../shared/api/types';
import { feedbackOf, rateWith, sayWith, type RatingPorts } from './rating';

function fakePorts(save: RatingPorts['save'], start: Feedback | null = null) {
  const state: { feedback: Feedback | null } = { feedback: start };
  const ports: RatingPorts = {
    read: () => state.feedback,
    show: (_session, _message, feedback) => {
      state.feedback = feedback;
    },
    save,
  };
  return { ports, state };
}

const down: Feedback = { rating: 'down', reasons: ['too_long'], comment: 'Shorter' };

describe('rateWith', () => {
  it('shows the rating before the server has answered', async () => {
    let answer: () => void = () => undefined;
    const { ports, state } = fakePorts(
      () =>
        new Promise<void>((resolve) => {
          answer = resolve;
        }),
    );
    const rating = rateWith(ports, 's', 'm', 'up');
    expect(state.feedback).toEqual({ rating: 'up', reasons: [], comment: null });
    answer();
    expect(await rating).toBe('up');
  });

  it('B8: a second press withdraws the rating and what was said with it', async () => {
    const save = vi.fn<RatingPorts['save']>().mockResolvedValue(undefined);
    const { ports, state } = fakePorts(save, down);
    expect(await rateWith(ports, 's', 'm', 'down')).toBeNull();
    expect(save).toHaveBeenCalledWith('m', null);
    expect(state.feedback).toBeNull();
  });

  it('keeps the comment, but no reason, when the vote goes to the other side', async () => {
    const save = vi.fn<RatingPorts['save']>().mockResolvedValue(undefined);
    const { ports, state } = fakePorts(save, down);
    await rateWith(ports, 's', 'm', 'up');
    expect(save).toHaveBeenCalledWith('m', 'up');
    expect(state.feedback).toEqual({ rating: 'up', reasons: [], comment: 'Shorter' });
  });

  it('takes the rating back if the server does not keep it', async () => {
    const { ports, state } = fakePorts(() => Promise.reject(new Error('no')), down);
    await expect(rateWith(ports, 's', 'm', 'up')).rejects.toThrow('no');
    expect(state.feedback).toEqual(down);
  });

  it('does not let an old failure undo a newer wish', async () => {
    const fail: (() => void)[] = [];
    const save = vi
      .fn<RatingPorts['save']>()
      .mockImplementationOnce(
        () =>
          new Promise((_resolve, reject) =>
            fail.push(() => {
              reject(new Error('late'));
            }),
          ),
      )
      .mockResolvedValueOnce(undefined);
    const { ports, state } = fakePorts(save);
    const first = rateWith(ports, 's', 'm', 'up');
    await rateWith(ports, 's', 'm', 'down');
    fail[0]?.();
    await expect(first).rejects.toThrow('late');
    expect(state.feedback?.rating).toBe('down');
  });
});

describe('sayWith', () => {
  it('sends reasons and comment, an empty one too, for that removes it', async () => {
    const save = vi.fn<RatingPorts['save']>().mockResolvedValue(undefined);
    const { ports, state } = fakePorts(save, down);
    await sayWith(ports, 's', 'm', { rating: 'down', reasons: ['other'], comment: null });
    expect(save).toHaveBeenCalledWith('m', 'down', { reasons: ['other'], comment: '' });
    expect(state.feedback).toEqual({ rating: 'down', reasons: ['other'], comment: null });
  });

  it('takes it back if the server does not keep it', async () => {
    const { ports, state } = fakePorts(() => Promise.reject(new Error('no')), down);
    await expect(sayWith(ports, 's', 'm', { ...down, comment: 'x' })).rejects.toThrow('no');
    expect(state.feedback).toEqual(down);
  });
});

describe('feedbackOf', () => {
  const message = { message_id: 'm', role: 'assistant', content: '', timestamp: '' } as const;

  it('makes do with a rating alone', () => {
    expect(feedbackOf({ ...message, rating: 'up' })).toEqual({ rating: 'up', reasons: [], comment: null });
    expect(feedbackOf({ ...message, rating: null, feedback: null })).toBeNull();
    expect(feedbackOf({ ...message, rating: 'down', feedback: down })).toBe(down);
  });
});
