import type { Code, RootContent } from 'mdast';

import type { Document } from './document';
import { LateLabels, lineOf } from './late-labels';
import { closeOpenMarks } from './open-marks';
import { DocumentBuilder, parseTree } from './parse';

const fenceOpening = /^(`{3,}|~{3,})([^\n]*)\n/;

interface Fence {
  marker: string;
  info: string;
  /** Offset of the first line of code. */
  start: number;
  /** Complete lines up to here have been searched for the closing fence. */
  searched: number;
}

/**
 * Markdown that grows. A closed top-level block is never parsed again: CommonMark does not reopen
 * it. What may be frozen is decided from complete lines only, because "para\n#" can still become
 * "#hashtag"; the unfinished line is shown tentatively.
 *
 *   text:  [ frozen blocks | last block, complete lines | unfinished line ]
 *                          ^tail                        ^complete
 */
export class IncrementalMarkdown {
  #text = '';
  #tail = 0;
  #complete = 0;
  readonly #frozen = new DocumentBuilder();
  readonly #late = new LateLabels(this.#frozen);
  #fence: Fence | null = null;

  get text(): string {
    return this.#text;
  }

  append(delta: string): void {
    this.#text += delta;
  }

  /** What can be shown now. Frozen blocks are the same objects in each answer, unless a label has changed them. */
  snapshot(): Document {
    this.#freeze();
    this.#late.mend(this.#text);
    const rest = this.#fence === null ? this.#parseTail() : [this.#openCode(this.#fence)];
    return this.#frozen.build(rest);
  }

  /** The whole text is there: nothing may follow. */
  close(): void {
    this.#freeze();
    this.#fence = null;
    const tail = this.#text.slice(this.#tail);
    this.#late.add(parseTree(tail, this.#late.labels).children, this.#text, this.#tail);
    this.#tail = this.#text.length;
  }

  /** Does a few milliseconds of what `finish` would do at once; false when nothing is left. */
  mend(): boolean {
    return this.#late.mend(this.#text);
  }

  /** The whole text is there: the same blocks as a parse of all of it. */
  finish(): Document {
    this.close();
    while (this.mend());
    return this.#frozen.build();
  }

  #freeze(): void {
    const complete = this.#text.lastIndexOf('\n') + 1;
    if (complete === this.#complete) return;
    this.#complete = complete;
    if (this.#fence !== null && !this.#fenceCloses(this.#fence, complete)) return;
    this.#fence = null;
    const lines = this.#text.slice(this.#tail, complete);
    const nodes = parseTree(lines, this.#late.labels).children;
    const last = nodes.at(-1);
    if (last === undefined) return;
    this.#late.add(nodes.slice(0, -1), this.#text, this.#tail);
    this.#tail += lineOf(nodes, nodes.length - 1, lines);
    this.#noteFence(last, complete);
  }

  /** Long code is the usual long block: while its fence is open, its lines need no parser. */
  #noteFence(last: RootContent, complete: number): void {
    if (last.type !== 'code') return;
    const opening = fenceOpening.exec(this.#text.slice(this.#tail, complete));
    const marker = opening?.[1];
    if (opening === null || marker === undefined) return;
    const start = this.#tail + opening[0].length;
    const fence = { marker, info: (opening[2] ?? '').trim(), start, searched: start };
    if (!this.#fenceCloses(fence, complete)) this.#fence = fence;
  }

  #fenceCloses(fence: Fence, complete: number): boolean {
    const lines = this.#text.slice(fence.searched, complete);
    fence.searched = complete;
    const closing = new RegExp(`^ {0,3}\\${fence.marker[0]}{${fence.marker.length},}[ \\t]*$`, 'm');
    return closing.test(lines);
  }

  #openCode(fence: Fence): Code {
    const tail = this.#text.slice(fence.start);
    // A line that holds nothing but fence characters so far is most likely the closing fence.
    const value = tail.replace(/(?:^|\n)[`~]*$/, '');
    const [lang, ...meta] = fence.info.split(/\s+/);
    return { type: 'code', lang: lang === undefined || lang === '' ? null : lang, meta: meta.join(' ') || null, value };
  }

  #parseTail(): RootContent[] {
    return parseTree(closeOpenMarks(this.#text.slice(this.#tail)), this.#late.labels).children;
  }
}
