import { plainDocument, type Document } from '../../markdown/document';
import { markdownEngine } from '../../markdown/engine';

const most = 400;
const parsed = new Map<string, Document>();

/** Keeps the blocks of a reply that has just been streamed: they need no second parse. */
export function rememberDocument(markdown: string, document: Document): void {
  if (parsed.size >= most) {
    const oldest = parsed.keys().next().value;
    if (oldest !== undefined) parsed.delete(oldest);
  }
  parsed.set(markdown, document);
}

export function documentFor(markdown: string): Document {
  const known = parsed.get(markdown);
  if (known !== undefined) return known;
  const engine = markdownEngine();
  if (engine === null) return plainDocument(markdown);
  const document = engine.parseDocument(markdown);
  rememberDocument(markdown, document);
  return document;
}
