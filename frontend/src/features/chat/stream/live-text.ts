import type { Part, ReplyEvent } from '../../../shared/api/types';
import { plainDocument, type Document } from '../../markdown/document';
import { markdownEngine } from '../../markdown/engine';
import type { IncrementalMarkdown } from '../../markdown/incremental';
import { lastPlace, upsert, wholeText } from '../parts/part-list';

/** The words of a reply so far. Kept outside any reactive state: it changes with each token. */
export class LiveText {
  #markdown: IncrementalMarkdown | null = null;
  /** What the parser was given: where its piece of the text begins and ends. */
  #from = 0;
  #parsed = 0;
  #content: string;

  /** `sequence` is the number of the last event that was taken, `raw` the text as it was streamed. */
  constructor(
    public raw = '',
    public reasoning = '',
    public sequence = -1,
    public parts: readonly Part[] = [],
  ) {
    this.#content = wholeText(raw, parts);
    this.#from = lastPlace(parts);
    this.#parsed = this.#from;
  }

  /** The text as it is shown. */
  get content(): string {
    return this.#content;
  }

  add(event: Pick<ReplyEvent, 'content' | 'reasoning' | 'parts'>): void {
    this.raw += event.content;
    this.reasoning += event.reasoning ?? '';
    this.parts = upsert(this.parts, event.parts ?? []);
    const anew = event.parts?.some((part) => part.kind === 'answer') === true;
    this.#content = anew ? wholeText(this.raw, this.parts) : this.#content + event.content;
    const from = event.parts === undefined ? this.#from : lastPlace(this.parts);
    if (anew || from !== this.#from) this.#restart(from);
  }

  #restart(from: number): void {
    this.#markdown = null;
    this.#from = from;
    this.#parsed = from;
  }

  #catchUp(): IncrementalMarkdown | null {
    const engine = markdownEngine();
    if (engine === null) return null;
    this.#markdown ??= new engine.IncrementalMarkdown();
    this.#markdown.append(this.content.slice(this.#parsed));
    this.#parsed = Math.max(this.#from, this.content.length);
    return this.#markdown;
  }

  /** The last piece of the text: what follows the last part that has a place in it. */
  get tail(): string {
    return this.content.slice(this.#from);
  }

  /** The blocks of the tail. */
  snapshot(): Document {
    return this.#catchUp()?.snapshot() ?? plainDocument(this.tail);
  }

  /** Nothing more comes. */
  close(): void {
    this.#catchUp()?.close();
  }

  /** Does a few milliseconds of what `finish` would do at once, to be shown; false when nothing is left. */
  mend(): boolean {
    return this.#catchUp()?.mend() ?? false;
  }

  /** The blocks of the tail when nothing more comes; null without a parser. */
  finish(): Document | null {
    return this.#catchUp()?.finish() ?? null;
  }

  /** The server starts over: what was shown is replaced, not added to. */
  replace(raw: string, reasoning: string, sequence: number, parts: readonly Part[] = []): void {
    this.raw = raw;
    this.reasoning = reasoning;
    this.sequence = sequence;
    this.parts = parts;
    this.#content = wholeText(raw, parts);
    this.#restart(lastPlace(parts));
  }

  /** False for an event that was already taken: a resumed stream may repeat some. */
  accepts(sequence: number | null): boolean {
    if (sequence === null) return true;
    if (sequence <= this.sequence) return false;
    this.sequence = sequence;
    return true;
  }
}

const shortest = 33;
const longest = 120;

/**
 * Shows new words not at each token but at a pace that leaves the page free: twice the time that
 * showing them took last, within bounds.
 */
export class Pace {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #cost = 0;

  constructor(private readonly show: () => void) {}

  request(): void {
    if (this.#timer !== null) return;
    const wait = Math.min(Math.max(2 * this.#cost, shortest), longest);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const start = performance.now();
      this.show();
      // React renders such a change in a microtask queued before this one.
      queueMicrotask(() => {
        this.#cost = performance.now() - start;
      });
    }, wait);
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
