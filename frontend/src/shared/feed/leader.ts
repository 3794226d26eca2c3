/**
 * Among the tabs of a browser one leads: it does the work, the others hear of it. The lock passes
 * on by itself when the leader closes; a leader that sleeps is relieved by whoever needs it.
 */
export interface LeaderPorts<T> {
  locks: LockManager | undefined;
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>;
  /** Begins to lead; what it returns ends that. */
  lead: () => () => void;
  /** Looks whether the work still goes on. */
  wake: () => void;
  hear: (news: T) => void;
}

type Word<T> = { say: 'who' } | { say: 'me' } | { say: 'news'; news: T };

const lockName = 'chatbot.feed';
/** How long a leader may take to answer. */
const patience = 2000;

export class Leader<T> {
  #end: (() => void) | null = null;
  #asked: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ports: LeaderPorts<T>) {
    ports.channel.addEventListener('message', (event: MessageEvent<Word<T>>) => {
      this.#listen(event.data);
    });
  }

  get leads(): boolean {
    return this.#end !== null;
  }

  start(): void {
    void this.#stand({});
  }

  /** Passes news on to the other tabs. */
  pass(news: T): void {
    this.#say({ say: 'news', news });
  }

  /** To be called when this tab is looked at again: makes sure that somebody leads. */
  check(): void {
    if (this.leads) {
      this.ports.wake();
      return;
    }
    if (this.ports.locks === undefined) return;
    clearTimeout(this.#asked);
    this.#asked = setTimeout(() => void this.#stand({ steal: true }), patience);
    this.#say({ say: 'who' });
  }

  async #stand(options: LockOptions): Promise<void> {
    const { locks } = this.ports;
    if (locks === undefined) return;
    try {
      await locks.request(lockName, options, () => {
        if (this.leads) return undefined;
        this.#end = this.ports.lead();
        // Held until the page goes away, or another tab takes it.
        return new Promise<never>(() => undefined);
      });
    } catch {
      // Another tab has taken the lead: stand behind it.
      const end = this.#end;
      this.#end = null;
      end?.();
      if (end !== null) void this.#stand({});
    }
  }

  #say(word: Word<T>): void {
    // A channel, not a window: it has no target.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.ports.channel.postMessage(word);
  }

  #listen(word: Word<T>): void {
    if (word.say === 'who') {
      if (this.leads) this.#say({ say: 'me' });
      return;
    }
    clearTimeout(this.#asked);
    if (word.say === 'news') this.ports.hear(word.news);
  }
}
