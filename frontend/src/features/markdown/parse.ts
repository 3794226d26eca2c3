import type { Definition, FootnoteDefinition, Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import type { Extension } from 'micromark-util-types';

import type { Block, Document } from './document';
import { math } from './math-syntax';
import { mathFromMarkdown } from './math-tree';

const extensions = [gfm({ singleTilde: false }), math];
const mdastExtensions = [gfmFromMarkdown(), mathFromMarkdown];

/** The labels that a text defines, as the parser compares them. */
export interface Labels {
  readonly definitions: readonly string[];
  readonly footnotes: readonly string[];
}

/** Parses a text, or a piece of one whose other pieces define labels. */
export function parseTree(markdown: string, labels?: Labels): Root {
  const known = labels === undefined || isEmpty(labels) ? extensions : [...extensions, knowing(labels)];
  return fromMarkdown(markdown, { extensions: known, mdastExtensions });
}

function isEmpty({ definitions, footnotes }: Labels): boolean {
  return definitions.length + footnotes.length === 0;
}

/** Tells the parser of labels before it looks at any words; it takes no part of the text itself. */
function knowing({ definitions, footnotes }: Labels): Extension {
  let told = false;
  return {
    document: {
      null: {
        name: 'knownLabels',
        tokenize(_effects, _ok, nok) {
          if (!told) {
            told = true;
            this.parser.defined.push(...definitions);
            (this.parser.gfmFootnotes ??= []).push(...footnotes);
          }
          return nok;
        },
      },
    },
  };
}

export function blockKey(index: number): string {
  return `b${index}`;
}

/** Adds closed blocks to a document that is being put together. */
export class DocumentBuilder {
  readonly #blocks: Block[] = [];
  #found = new References();

  add(nodes: readonly RootContent[]): void {
    for (const node of nodes) {
      this.#found.collect(node);
      this.#blocks.push({ key: blockKey(this.#blocks.length), node, open: false });
    }
  }

  get length(): number {
    return this.#blocks.length;
  }

  nodeAt(index: number): RootContent | undefined {
    return this.#blocks[index]?.node;
  }

  /** The labels that the closed blocks define. */
  get labels(): Labels {
    return this.#found.labels;
  }

  /** Shows blocks with other nodes of the same text. */
  replace(nodes: ReadonlyMap<number, RootContent>): void {
    for (const [index, node] of nodes) this.#blocks[index] = { key: blockKey(index), node, open: false };
    this.#found = new References();
    for (const { node } of this.#blocks) this.#found.collect(node);
  }

  /** What is there so far with the blocks that are not closed yet; the last of them still grows. */
  build(rest: readonly RootContent[] = []): Document {
    const found = new References(this.#found);
    for (const node of rest) found.collect(node);
    const open = rest.map((node, index): Block => ({
      key: blockKey(this.#blocks.length + index),
      node,
      open: index === rest.length - 1,
    }));
    const { definitions, footnotes } = found;
    return { blocks: [...this.#blocks, ...open], definitions, footnotes: [...footnotes.values()] };
  }
}

/** What words may refer to. The first definition of a label counts, at whatever depth it stands. */
class References {
  readonly definitions: Map<string, Definition>;
  readonly footnotes: Map<string, FootnoteDefinition>;

  constructor(old?: References) {
    this.definitions = new Map(old?.definitions);
    this.footnotes = new Map(old?.footnotes);
  }

  get labels(): Labels {
    const asCompared = (labels: Iterable<string>) => Array.from(labels, (label) => label.toUpperCase());
    return { definitions: asCompared(this.definitions.keys()), footnotes: asCompared(this.footnotes.keys()) };
  }

  collect(node: RootContent): void {
    if (node.type === 'definition') {
      if (!this.definitions.has(node.identifier)) this.definitions.set(node.identifier, node);
      return;
    }
    if (node.type === 'footnoteDefinition' && !this.footnotes.has(node.identifier))
      this.footnotes.set(node.identifier, node);
    if (
      node.type === 'blockquote' ||
      node.type === 'list' ||
      node.type === 'listItem' ||
      node.type === 'footnoteDefinition'
    ) {
      for (const child of node.children) this.collect(child);
    }
  }
}

export function parseDocument(markdown: string): Document {
  const builder = new DocumentBuilder();
  builder.add(parseTree(markdown).children);
  return builder.build();
}
