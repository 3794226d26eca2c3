import styled from 'styled-components';

import type { Document } from './document';
import { markdownEngine, useEngine } from './engine';

const Plain = styled.div`
  white-space: pre-wrap;
  overflow-wrap: anywhere;
`;

interface Props {
  words: string;
  /** The same, parsed; null where it is not to be laid out now. */
  document: Document | null;
}

/** What somebody has written: as it stands, until what lays it out is there. */
export function Written({ words, document }: Props) {
  useEngine();
  const engine = markdownEngine();
  return engine === null || document === null ? <Plain>{words}</Plain> : <engine.Markdown document={document} />;
}
