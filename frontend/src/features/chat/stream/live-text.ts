import { plainDocument, type Document } from '../../markdown/document';
import { markdownEngine } from '../../markdown/engine';
import type { IncrementalMarkdown } from '../../markdown/incremental';

/** The words of a reply so far. Kept outside any reactive state: it changes with each token. */
export class LiveText {
  #markdown: IncrementalMarkdown | null = null;
  #parsed = 0;

  /** `sequence` is the number of the last event that was taken. */
  constructor(
    public content = '',
    public reasoning = '',
    public sequence = -1,
  ) {}

  #catchUp(): IncrementalMarkdown | null {
    const engine = markdownEngine();
    if (engine === null) return null;
    this.#markdown ??= new engine.IncrementalMarkdown();
    this.#markdown.append(this.content.slice(this.#parsed));
    this.#parsed = this.content.length;
    return this.#markdown;
  }

  snapshot(): Document {
    return this.#catchUp()?.snapshot() ?? plainDocument(this.content);
  }

  /** The blocks of the whole reply; null without a parser. */
  finish(): Document | null {
    return this.#catchUp()?.finish() ?? null;
  }

  /** The server starts over: what was shown is replaced, not added to. */
  replace(content: string, reasoning: string, sequence: number): void {
    this.content = content;
    this.reasoning = reasoning;
    this.sequence = sequence;
    this.#markdown = null;
    this.#parsed = 0;
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
