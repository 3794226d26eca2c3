import { plainDocument } from '../../markdown/document';
import { markdownEngine } from '../../markdown/engine';
import { speechTexts as words } from '../../../shared/i18n/speech-texts';
import { blockText, type Manner } from '../plain-text.lazy';

const toSay: Manner = {
  code: (value, language) => words.code(language, value.split('\n').length),
  row: (cells) => `${cells.filter((cell) => cell !== '').join(', ')}.`,
  link: (label) => label,
};

const fence = /^ {0,3}(`{3,}|~{3,})/;
const blankLine = /\n[ \t]*\n/g;
/** What is not running text: it is said when all of it is there, or line by line. */
const noParagraph = /^ {0,3}(?:[#>|<]|[-*+][ \t]|\d+[.)][ \t]|\$\$|```|~~~)/;
const listLine = /^ *(?:[-*+]|\d+[.)])[ \t]/;
const sentenceEnd = /[.!?…][*_"'”’)\]]*(?=\s)|[。！？](?=.)/gu;

/** Where a code block that begins the text ends; -1 while it is open. */
function endOfFence(text: string, marker: string): number {
  const closing = new RegExp(`\\n {0,3}${marker[0]}{${marker.length},}[ \\t]*(?:\\n|$)`);
  const found = closing.exec(text);
  return found === null ? -1 : found.index + found[0].length;
}

/** Marks that are open would be cut in two. */
function isBalanced(text: string): boolean {
  const count = (mark: RegExp) => (text.match(mark) ?? []).length;
  return count(/`/g) % 2 === 0 && count(/\*\*/g) % 2 === 0 && count(/\[/g) === count(/\]/g) && count(/\$/g) % 2 === 0;
}

function endOfSentences(text: string): number {
  const ends = Array.from(text.matchAll(sentenceEnd), (match) => match.index + match[0].length);
  return ends.findLast((end) => isBalanced(text.slice(0, end))) ?? 0;
}

/** How much from the beginning of the text is finished; 0: nothing yet. */
function finished(text: string): number {
  const marker = fence.exec(text)?.[1];
  if (marker !== undefined) return Math.max(endOfFence(text, marker), 0);
  blankLine.lastIndex = 0;
  const blank = blankLine.exec(text);
  if (blank !== null) return blank.index + blank[0].length;
  if (listLine.test(text)) return text.lastIndexOf('\n') + 1;
  return noParagraph.test(text) ? 0 : endOfSentences(text);
}

/** A reply that grows, in finished sentences and blocks without their marks. */
export class Sentences {
  #at: number;
  #before = '';

  /** What is there already is not said. */
  constructor(content: string) {
    this.#at = content.length;
    this.#remember(content);
  }

  /** Where the text was replaced by another one, it is not said again. */
  #remember(content: string): void {
    this.#before = content.slice(Math.max(this.#at - 24, 0), this.#at);
  }

  /** What has been finished since; with `all`, also what has no end yet. */
  take(content: string, all = false): string[] {
    if (!content.startsWith(this.#before, this.#at - this.#before.length)) this.#at = content.length;
    const pieces: string[] = [];
    for (;;) {
      const rest = content.slice(this.#at);
      const length = finished(rest) || (all ? rest.length : 0);
      if (length === 0) break;
      this.#at += length;
      pieces.push(...inPieces(said(rest.slice(0, length))));
    }
    this.#remember(content);
    return pieces.filter((piece) => /[\p{L}\p{N}]/u.test(piece));
  }
}

/** More at once is taken apart again: only whole sentences can be left out. */
const long = 300;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });

function inPieces(text: string): string[] {
  if (text.length <= long) return [text];
  return Array.from(segmenter.segment(text), ({ segment }) => segment.trim());
}

function said(markdown: string): string {
  const document = markdownEngine()?.parseDocument(markdown) ?? plainDocument(markdown);
  return document.blocks
    .map((block) => blockText(document, block.node, toSay))
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
