import type { Definition, FootnoteDefinition, Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

import type { Block, Document } from './document';
import { math } from './math-syntax';
import { mathFromMarkdown } from './math-tree';

const extensions = [gfm({ singleTilde: false }), math];
const mdastExtensions = [gfmFromMarkdown(), mathFromMarkdown];

export function parseTree(markdown: string): Root {
  return fromMarkdown(markdown, { extensions, mdastExtensions });
}

export function blockKey(index: number): string {
  return `b${index}`;
}

/** Adds closed blocks to a document that is being put together. */
export class DocumentBuilder {
  readonly #blocks: Block[] = [];
  readonly #definitions = new Map<string, Definition>();
  readonly #footnotes: FootnoteDefinition[] = [];

  add(nodes: readonly RootContent[]): void {
    for (const node of nodes) {
      collect(node, this.#definitions, this.#footnotes);
      this.#blocks.push({ key: blockKey(this.#blocks.length), node, open: false });
    }
  }

  /** What is there so far with the blocks that are not closed yet; the last of them still grows. */
  build(rest: readonly RootContent[] = []): Document {
    const definitions = new Map(this.#definitions);
    const footnotes = [...this.#footnotes];
    for (const node of rest) collect(node, definitions, footnotes);
    const open = rest.map((node, index): Block => ({
      key: blockKey(this.#blocks.length + index),
      node,
      open: index === rest.length - 1,
    }));
    return { blocks: [...this.#blocks, ...open], definitions, footnotes };
  }
}

/** The first definition of a label counts, at whatever depth it stands. */
function collect(node: RootContent, definitions: Map<string, Definition>, footnotes: FootnoteDefinition[]): void {
  if (node.type === 'definition') {
    if (!definitions.has(node.identifier)) definitions.set(node.identifier, node);
    return;
  }
  if (node.type === 'footnoteDefinition') footnotes.push(node);
  if (
    node.type === 'blockquote' ||
    node.type === 'list' ||
    node.type === 'listItem' ||
    node.type === 'footnoteDefinition'
  ) {
    for (const child of node.children) collect(child, definitions, footnotes);
  }
}

export function parseDocument(markdown: string): Document {
  const builder = new DocumentBuilder();
  builder.add(parseTree(markdown).children);
  return builder.build();
}
