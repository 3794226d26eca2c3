import type { RootContent } from 'mdast';

import { parseTree, type DocumentBuilder, type Labels } from './parse';

/** So many letters are parsed again at once, which takes a few milliseconds. */
const slice = 2000;

/** These hold no words that could refer to anything. */
const wordless = new Set(['code', 'math', 'html', 'thematicBreak', 'definition']);

interface Place {
  index: number;
  start: number;
  end: number;
}

/** Text as labels are compared, without what stands at the start of its lines in lists and quotations. */
function squeezed(text: string): string {
  return text
    .replace(/[\s>]+/g, ' ')
    .replace(/ ?([[\]]) ?/g, '$1')
    .toLowerCase()
    .toUpperCase();
}

/**
 * A label can be used before it is defined. Where a definition turns up, the closed blocks that name
 * it are parsed again, a few at a time: it changes neither what blocks there are nor their kinds.
 */
export class LateLabels {
  /** Closed blocks with a bracket in their words. */
  readonly #places: Place[] = [];
  readonly #waiting = new Set<Place>();
  #known: Labels = { definitions: [], footnotes: [] };

  constructor(private readonly builder: DocumentBuilder) {}

  get labels(): Labels {
    return this.#known;
  }

  /** Closes blocks that were parsed from the part of the text that begins at `from`. */
  add(nodes: readonly RootContent[], text: string, from: number): void {
    const part = text.slice(from);
    const first = this.builder.length;
    this.builder.add(nodes);
    for (const [index, node] of nodes.entries()) {
      const start = from + lineOf(nodes, index, part);
      const end = from + (node.position?.end.offset ?? 0);
      if (!wordless.has(node.type) && text.slice(start, end).includes('['))
        this.#places.push({ index: first + index, start, end });
    }
    const { definitions, footnotes } = this.builder.labels;
    const news = [
      ...definitions.slice(this.#known.definitions.length).map((label) => squeezed(`[${label}]`)),
      ...footnotes.slice(this.#known.footnotes.length).map((label) => squeezed(`[^${label}]`)),
    ];
    if (news.length === 0) return;
    this.#known = { definitions, footnotes };
    for (const place of this.#places) {
      const words = squeezed(text.slice(place.start, place.end));
      if (news.some((label) => words.includes(label))) this.#waiting.add(place);
    }
  }

  /** Parses some of the blocks again that a label has changed; false when there are none. */
  mend(text: string): boolean {
    if (this.#waiting.size === 0) return false;
    const mended = new Map<number, RootContent>();
    let letters = 0;
    for (const place of this.#waiting) {
      if (letters > 0 && letters + place.end - place.start > slice) break;
      letters += place.end - place.start;
      this.#waiting.delete(place);
      const [node, ...more] = parseTree(text.slice(place.start, place.end), this.#known).children;
      const same = node?.type === this.builder.nodeAt(place.index)?.type;
      if (node !== undefined && same && more.length === 0) mended.set(place.index, node);
    }
    this.builder.replace(mended);
    return true;
  }
}

/** Where the first line of a block begins. A heading that follows definitions claims to begin with them. */
export function lineOf(nodes: readonly RootContent[], index: number, text: string): number {
  const start = nodes[index]?.position?.start.offset ?? 0;
  const before = nodes[index - 1]?.position?.end.offset ?? -1;
  return Math.max(before + 1, text.lastIndexOf('\n', start - 1) + 1);
}
