import type { Literal } from 'mdast';
import type { CompileContext, Extension, Token } from 'mdast-util-from-markdown';

import { flowClosing } from './math-syntax';

/** A formula in a block of its own. */
export interface BlockMath extends Literal {
  type: 'math';
  /** Its end has been seen; until then the value is the source with its mark. */
  closed: boolean;
}

/** A formula in a sentence; one between marks for a block stands on a line of its own all the same. */
export interface InlineMath extends Literal {
  type: 'inlineMath';
  display: boolean;
}

declare module 'mdast' {
  interface RootContentMap {
    math: BlockMath;
    inlineMath: InlineMath;
  }
  interface BlockContentMap {
    math: BlockMath;
  }
  interface PhrasingContentMap {
    inlineMath: InlineMath;
  }
}

function enterFlow(this: CompileContext, token: Token): undefined {
  this.enter({ type: 'math', value: '', closed: false }, token);
}

function exitFlow(this: CompileContext, token: Token): undefined {
  const source = this.sliceSerialize(token);
  const node = this.stack.at(-1) as BlockMath;
  const inside = source.slice(2);
  node.closed = flowClosing.test(inside);
  node.value = node.closed ? inside.replace(flowClosing, (end) => end.slice(0, -2)).trim() : source;
  this.exit(token);
}

function enterText(this: CompileContext, token: Token): undefined {
  this.enter({ type: 'inlineMath', value: '', display: false }, token);
}

function exitText(this: CompileContext, token: Token): undefined {
  const source = this.sliceSerialize(token);
  const node = this.stack.at(-1) as InlineMath;
  const mark = /^\$(?!\$)/.test(source) ? 1 : 2;
  node.display = /^(?:\$\$|\\\[)/.test(source);
  node.value = source.slice(mark, -mark).trim();
  this.exit(token);
}

export const mathFromMarkdown: Extension = {
  enter: { mathFlow: enterFlow, mathText: enterText },
  exit: { mathFlow: exitFlow, mathText: exitText },
};
