import type { ComponentType } from 'react';

import type { Part } from '../../../shared/api/types';
import type { Document } from '../../markdown/document';
import { Markdown } from '../../markdown/markdown';
import { documentFor } from '../stream/documents';
import { Approval } from './approval';
import { Notice } from './notice';
import { Tool } from './tool';

export interface PartProps {
  part: Part;
  onAnswer: ((partId: string, approve: boolean) => void) | null;
}

/** How each kind is shown; a kind that is not here is passed over. */
const views: Readonly<Record<string, ComponentType<PartProps>>> = { tool: Tool, approval: Approval, notice: Notice };

interface Piece {
  /** Where it begins; two pieces may begin at one place. */
  key: string;
  words: string;
  parts: Part[];
}

/** The text in pieces, each with the parts that follow it. */
export function piecesOf(words: string, parts: readonly Part[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const part of parts.toSorted((one, other) => one.at - other.at)) {
    const last = pieces.at(-1);
    if (last !== undefined && part.at <= at) {
      last.parts.push(part);
      continue;
    }
    const end = Math.min(part.at, words.length);
    pieces.push({ key: part.id, words: words.slice(at, end), parts: [part] });
    at = end;
  }
  return [...pieces, { key: 'tail', words: words.slice(at), parts: [] }];
}

interface Props {
  words: string;
  parts: readonly Part[];
  /** The blocks of the last piece while it grows. */
  tail: Document | null;
  onAnswer: PartProps['onAnswer'];
}

/** A reply whose text is told together with what the model did in between. */
export function Steps({ words, parts, tail, onAnswer }: Props) {
  return piecesOf(words, parts).map((piece) => (
    <div key={piece.key}>
      {piece.words.trim() !== '' && (
        <Markdown document={piece.parts.length === 0 && tail !== null ? tail : documentFor(piece.words)} />
      )}
      {piece.parts.map((part) => {
        const View = views[part.kind];
        return View === undefined ? null : <View key={part.id} part={part} onAnswer={onAnswer} />;
      })}
    </div>
  ));
}
