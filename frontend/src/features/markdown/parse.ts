import type { Definition, FootnoteDefinition, Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

import type { Document } from './document';

const extensions = [gfm({ singleTilde: false })];
const mdastExtensions = [gfmFromMarkdown()];

export function parseTree(markdown: string): Root {
  return fromMarkdown(markdown, { extensions, mdastExtensions });
}

export function blockKey(index: number): string {
  return `b${index}`;
}

/** Puts the blocks of a tree together with what other blocks may refer to. */
export function documentOf(nodes: readonly RootContent[], openFrom = Number.POSITIVE_INFINITY): Document {
  const definitions = new Map<string, Definition>();
  const footnotes: FootnoteDefinition[] = [];
  for (const node of nodes) {
    collect(node, definitions, footnotes);
  }
  const blocks = nodes.map((node, index) => ({ key: blockKey(index), node, open: index >= openFrom }));
  return { blocks, definitions, footnotes };
}

/** The first definition of a label counts, at whatever depth it stands. */
function collect(node: RootContent, definitions: Map<string, Definition>, footnotes: FootnoteDefinition[]): void {
  if (node.type === 'definition') {
    if (!definitions.has(node.identifier)) definitions.set(node.identifier, node);
    return;
  }
  if (node.type === 'footnoteDefinition') footnotes.push(node);
  if (node.type === 'blockquote' || node.type === 'list' || node.type === 'listItem' || node.type === 'footnoteDefinition') {
    for (const child of node.children) collect(child, definitions, footnotes);
  }
}

export function parseDocument(markdown: string): Document {
  return documentOf(parseTree(markdown).children);
}
