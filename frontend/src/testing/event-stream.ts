import type { ReplyEvent } from '../shared/api/types';

/** A stream of server-sent events that a test drives by hand. */
export class EventStream {
  readonly stream: ReadableStream<Uint8Array>;
  cancelled = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor(private readonly messageId: string) {
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.cancelled = true;
      },
    });
  }

  async send(sequence: number, members: Partial<ReplyEvent>): Promise<void> {
    const data = JSON.stringify({ message_id: this.messageId, content: '', ...members });
    this.#write(`id: ${this.messageId}.${sequence}\ndata: ${data}\n\n`);
    await settled();
  }

  async reset(sequence: number, members: Partial<ReplyEvent>): Promise<void> {
    const data = JSON.stringify({ message_id: this.messageId, content: '', ...members });
    this.#write(`id: ${this.messageId}.${sequence}\nevent: reset\ndata: ${data}\n\n`);
    await settled();
  }

  async close(): Promise<void> {
    this.#controller?.close();
    await settled();
  }

  async cut(): Promise<void> {
    this.#controller?.error(new TypeError('network error'));
    await settled();
  }

  async done(): Promise<void> {
    this.#write('event: done\ndata: {}\n\n');
    await this.close();
  }

  #write(words: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(words));
  }
}

/** Lets everything run that is ready to run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}
