import { describe, expect, it, vi } from 'vitest';

import type { Rating } from '../../shared/api/types';
import { rateWith, type RatingPorts } from './rating';

function fakePorts(save: RatingPorts['save'], start: Rating | null = null) {
  const state: { rating: Rating | null } = { rating: start };
  const ports: RatingPorts = {
    read: () => state.rating,
    show: (_session, _message, rating) => {
      state.rating = rating;
    },
    save,
  };
  return { ports, state };
}

describe('rateWith', () => {
  it('shows the rating before the server has answered', async () => {
    let answer: () => void = () => undefined;
    const { ports, state } = fakePorts(() => new Promise<void>((resolve) => {
      answer = resolve;
    }));
    const rating = rateWith(ports, 's', 'm', 'up');
    expect(state.rating).toBe('up');
    answer();
    expect(await rating).toBe('up');
  });

  it('B8: a second press withdraws the rating', async () => {
    const save = vi.fn<RatingPorts['save']>().mockResolvedValue(undefined);
    const { ports, state } = fakePorts(save, 'up');
    expect(await rateWith(ports, 's', 'm', 'up')).toBeNull();
    expect(save).toHaveBeenCalledWith('m', null);
    expect(state.rating).toBeNull();
  });

  it('takes the rating back if the server does not keep it', async () => {
    const { ports, state } = fakePorts(() => Promise.reject(new Error('no')), 'down');
    await expect(rateWith(ports, 's', 'm', 'up')).rejects.toThrow('no');
    expect(state.rating).toBe('down');
  });

  it('does not let an old failure undo a newer wish', async () => {
    const fail: (() => void)[] = [];
    const save = vi.fn<RatingPorts['save']>()
      .mockImplementationOnce(() => new Promise((_resolve, reject) => fail.push(() => { reject(new Error('late')); })))
      .mockResolvedValueOnce(undefined);
    const { ports, state } = fakePorts(save);
    const first = rateWith(ports, 's', 'm', 'up');
    await rateWith(ports, 's', 'm', 'down');
    fail[0]?.();
    await expect(first).rejects.toThrow('late');
    expect(state.rating).toBe('down');
  });
});
