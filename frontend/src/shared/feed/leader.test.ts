import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { settled } from '../../testing/event-stream';
import { Leader } from './leader';

/** The locks of one browser: one holder, the others in line; a thief takes it from the holder. */
class Locks {
  #holder: { lose: () => void } | null = null;
  readonly #line: (() => void)[] = [];

  async request(_name: string, options: LockOptions, work: () => Promise<unknown> | undefined): Promise<unknown> {
    if (options.steal === true) {
      this.#holder?.lose();
      this.#holder = null;
    } else if (this.#holder !== null) {
      await new Promise<void>((turn) => {
        this.#line.push(turn);
      });
    }
    return new Promise((resolve, reject) => {
      this.#holder = {
        lose: () => {
          reject(new DOMException('', 'AbortError'));
        },
      };
      void this.#hold(work).then(resolve);
    });
  }

  async #hold(work: () => Promise<unknown> | undefined): Promise<void> {
    await work();
    await this.close();
  }

  /** The tab that holds the lock is closed. */
  async close(): Promise<void> {
    this.#holder = null;
    this.#line.shift()?.();
    await settled();
  }
}

type Hear = (event: MessageEvent<never>) => void;

/** Tabs of one browser that hear each other. */
class Tabs {
  readonly locks = new Locks();
  readonly #ears: { hear: Hear; of: number; deaf: boolean }[] = [];
  readonly log: string[] = [];

  open(number: number): Leader<string> {
    const leader = new Leader<string>({
      locks: this.locks as unknown as LockManager,
      channel: {
        postMessage: (data: unknown) => {
          for (const ear of this.#ears) if (ear.of !== number && !ear.deaf) ear.hear({ data } as MessageEvent<never>);
        },
        addEventListener: (_type: string, hear: unknown) =>
          this.#ears.push({ hear: hear as Hear, of: number, deaf: false }),
      },
      lead: () => {
        this.log.push(`${number} leads`);
        return () => this.log.push(`${number} ends`);
      },
      wake: () => this.log.push(`${number} looks`),
      hear: (news) => this.log.push(`${number} hears ${news}`),
    });
    leader.start();
    return leader;
  }

  freeze(number: number): void {
    for (const ear of this.#ears) if (ear.of === number) ear.deaf = true;
  }
}

let tabs: Tabs;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  tabs = new Tabs();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('Leader', () => {
  it('is one tab; the others hear of what it is told', async () => {
    const [first, second, third] = [tabs.open(1), tabs.open(2), tabs.open(3)];
    await settled();
    expect([first.leads, second.leads, third.leads]).toEqual([true, false, false]);
    first.pass('news');
    expect(tabs.log).toEqual(['1 leads', '2 hears news', '3 hears news']);
  });

  it('is followed by the next tab when it closes', async () => {
    tabs.open(1);
    const second = tabs.open(2);
    await settled();
    await tabs.locks.close();
    expect(second.leads).toBe(true);
    expect(tabs.log).toEqual(['1 leads', '2 leads']);
  });

  it('stays when it answers', async () => {
    tabs.open(1);
    const second = tabs.open(2);
    await settled();
    second.check();
    await vi.advanceTimersByTimeAsync(5000);
    expect(tabs.log).toEqual(['1 leads']);
  });

  it('is relieved when it sleeps, and stands in line when it wakes up', async () => {
    const first = tabs.open(1);
    const second = tabs.open(2);
    await settled();
    tabs.freeze(1);
    second.check();
    await vi.advanceTimersByTimeAsync(5000);
    await settled();
    expect(tabs.log.toSorted()).toEqual(['1 ends', '1 leads', '2 leads']);
    expect([first.leads, second.leads]).toEqual([false, true]);
    await tabs.locks.close();
    expect(first.leads).toBe(true);
  });

  it('looks after its work when its page is looked at again', async () => {
    const first = tabs.open(1);
    await settled();
    first.check();
    expect(tabs.log).toEqual(['1 leads', '1 looks']);
  });
});
