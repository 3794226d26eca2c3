import type { Definition, FootnoteDefinition, RootContent } from 'mdast';

/** A top-level block. The key of a block stays the same while its text grows. */
export interface Block {
  key: string;
  node: RootContent;
  /** Still growing: the end of the block has not been seen. */
  open: boolean;
}

export interface Document {
  blocks: readonly Block[];
  definitions: ReadonlyMap<string, Definition>;
  footnotes: readonly FootnoteDefinition[];
}

export const emptyDocument: Document = { blocks: [], definitions: new Map(), footnotes: [] };

/** Text as it stands, for when there is no parser. */
export function plainDocument(text: string): Document {
  if (text === '') return emptyDocument;
  const node: RootContent = { type: 'paragraph', children: [{ type: 'text', value: text }] };
  return { ...emptyDocument, blocks: [{ key: 'b0', node, open: true }] };
}
