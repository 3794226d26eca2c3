import type { Code, Construct, Effects, Extension, State, TokenizeContext } from 'micromark-util-types';

declare module 'micromark-util-types' {
  interface TokenTypeMap {
    mathFlow: 'mathFlow';
    mathText: 'mathText';
    mathLine: 'mathLine';
  }
}

const dollar = 36;
const backslash = 92;

function endsLine(code: Code): boolean {
  return code === null || (code < -2 && code > -6);
}

function isSpace(code: Code): boolean {
  return code === -1 || code === -2 || code === 32;
}

function letterOf(code: Code): string {
  if (code === null) return '';
  return code < 0 ? ' ' : String.fromCodePoint(code);
}

/**
 * Formulas as models write them: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`. A formula that fills lines of its
 * own is a block; it ends at the latest with the paragraph, so that a mark without its other half
 * does not swallow what follows. Each is one token, from mark to mark.
 */
export const math: Extension = {
  flow: {
    [dollar]: { name: 'mathFlow', tokenize: tokenizeFlow, concrete: true },
    [backslash]: { name: 'mathFlow', tokenize: tokenizeFlow, concrete: true },
  },
  text: {
    [dollar]: { name: 'mathText', tokenize: tokenizeText },
    [backslash]: { name: 'mathText', tokenize: tokenizeText },
  },
};

/** Of a block: the end of its last line. A point behind a formula belongs to its sentence. */
export const flowClosing = /(?:\$\$|(?<!\\)(?:\\\\)*\\\])(?=[.,;:]?\s*$)/;

/** Puts letters into a token for each line: one may neither be empty nor hold the end of a line. */
class Line {
  #open = false;

  constructor(private readonly effects: Effects) {}

  take(code: Code): void {
    if (!this.#open) this.effects.enter('mathLine');
    this.#open = true;
    this.effects.consume(code);
  }

  end(): void {
    if (this.#open) this.effects.exit('mathLine');
    this.#open = false;
  }
}

function takeLineEnding(effects: Effects, code: Code): void {
  effects.enter('lineEnding');
  effects.consume(code);
  effects.exit('lineEnding');
}

/** The next line of the same block: not blank, and not a lazy one of another container. */
const nextLine: Construct = {
  partial: true,
  tokenize(this: TokenizeContext, effects: Effects, ok: State, nok: State): State {
    const line = new Line(effects);
    const blank = (code: Code): State | undefined => {
      if (isSpace(code)) {
        line.take(code);
        return blank;
      }
      line.end();
      return endsLine(code) ? nok(code) : ok(code);
    };
    const lineStart = (code: Code): State | undefined =>
      this.parser.lazy[this.now().line] === true ? nok(code) : blank(code);
    return (code) => {
      if (code === null) return nok(code);
      takeLineEnding(effects, code);
      return lineStart;
    };
  },
};

function tokenizeFlow(this: TokenizeContext, effects: Effects, ok: State, nok: State): State {
  const { interrupt } = this;
  const line = new Line(effects);
  let words = '';
  let first = true;

  const begin = (code: Code): State | undefined => {
    effects.enter('mathFlow');
    line.take(code);
    return (next) => {
      if (next !== (code === dollar ? dollar : 91)) return nok(next);
      line.take(next);
      return code === dollar ? notThird : inLine;
    };
  };
  const notThird = (code: Code): State | undefined => (code === dollar ? nok(code) : inLine(code));

  const inLine = (code: Code): State | undefined => {
    if (!endsLine(code)) {
      words += letterOf(code);
      line.take(code);
      return inLine;
    }
    line.end();
    if (flowClosing.test(words)) return end(code);
    // Closed in the middle of its first line it is a part of a sentence.
    if (first && /\$\$|\\\]/.test(words)) return nok(code);
    first = false;
    words = '';
    if (code === null || interrupt === true) return end(code);
    return effects.attempt(nextLine, inLine, end)(code);
  };
  const end = (code: Code): State | undefined => {
    effects.exit('mathFlow');
    return ok(code);
  };
  return begin;
}

/** What begins with a digit may be a price: it needs a sign that it is none, or no space at all. */
function isPrice(content: string): boolean {
  return /^\d/.test(content) && /\s/.test(content) && !/[\\^_={}<>]/.test(content);
}

function tokenizeText(this: TokenizeContext, effects: Effects, ok: State, nok: State): State {
  const line = new Line(effects);
  let closing = '';
  let content = '';

  const begin = (code: Code): State | undefined => {
    effects.enter('mathText');
    line.take(code);
    return code === dollar ? afterDollar : afterBackslash;
  };
  const afterDollar = (code: Code): State | undefined => {
    if (code === dollar && closing === '') {
      closing = '$$';
      line.take(code);
      return afterDollar;
    }
    if (closing === '') closing = '$';
    if (code === dollar || (closing === '$' && (isSpace(code) || endsLine(code)))) return nok(code);
    return inside(code);
  };
  const afterBackslash = (code: Code): State | undefined => {
    if (code !== 40 && code !== 91) return nok(code);
    closing = code === 40 ? '\\)' : '\\]';
    line.take(code);
    return inside;
  };

  const inside = (code: Code): State | undefined => {
    if (code === null) return nok(code);
    if (endsLine(code)) {
      line.end();
      takeLineEnding(effects, code);
      content += '\n';
      return inside;
    }
    content += letterOf(code);
    line.take(code);
    // A backslash takes the next letter with it.
    return code === backslash ? escaped : mayEnd;
  };
  const escaped = (code: Code): State | undefined => {
    if (code === null || endsLine(code)) return inside(code);
    content += letterOf(code);
    line.take(code);
    return closing.startsWith('\\') && content.endsWith(closing) ? closed : inside;
  };
  const mayEnd = (code: Code): State | undefined =>
    closing.startsWith('$') && content.endsWith(closing) ? closed(code) : inside(code);

  const closed = (code: Code): State | undefined => {
    const formula = content.slice(0, -closing.length);
    if (formula.trim() === '') return nok(code);
    if (closing === '$') {
      const digit = code !== null && code >= 48 && code <= 57;
      if (digit || code === dollar || /\s$/.test(formula) || isPrice(formula)) return nok(code);
    }
    line.end();
    effects.exit('mathText');
    return ok(code);
  };
  return begin;
}
