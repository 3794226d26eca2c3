import type { Node } from 'mdast';
import { describe, expect, it } from 'vitest';

import { parseTree } from './parse';

/** The tree as short text: formulas in braces, blocks on lines. */
function shown(markdown: string): string {
  const words = (node: Node): string => {
    const { type, value, display, closed, children } = node as Node & {
      value?: string;
      display?: boolean;
      closed?: boolean;
      children?: Node[];
    };
    if (type === 'math') return closed === true ? `{block ${value ?? ''}}` : `{open ${value ?? ''}}`;
    if (type === 'inlineMath') return display === true ? `{display ${value ?? ''}}` : `{${value ?? ''}}`;
    if (type === 'blockquote') return `> ${children?.map(words).join('|') ?? ''}`;
    if (type === 'listItem') return `- ${children?.map(words).join('|') ?? ''}`;
    return value ?? children?.map(words).join('') ?? '';
  };
  return parseTree(markdown).children.map(words).join('\n');
}

describe('formulas', () => {
  it.each([
    ['so $x^2$ it is', 'so {x^2} it is'],
    ['so \\(x_1 * y_1 * z\\) it is', 'so {x_1 * y_1 * z} it is'],
    ['so $$x$$ it is', 'so {display x} it is'],
    ['so \\[x\\] it is', 'so {display x} it is'],
    ['$2x + 3 = 7$ and $2^n$ and $5$', '{2x + 3 = 7} and {2^n} and {5}'],
    ['a $a\nb$ c', 'a {a\nb} c'],
    ['\\($\\)', '{$}'],
    ['$\\$5$', '{\\$5}'],
    ['$\\text{a \\(b\\)}$', '{\\text{a \\(b\\)}}'],
  ])('are read in a sentence: %j', (markdown, tree) => {
    expect(shown(markdown)).toBe(tree);
  });

  it.each([
    'It costs $20 and $30.',
    'It costs $20-$30 or $5.',
    'US$ 20 or 20 US$',
    'from $5 to 10$ a day',
    'a $ b $ c',
    '$x',
    '$$$ x',
    '$ x$',
  ])('are not what costs money: %j', (markdown) => {
    expect(shown(markdown)).not.toContain('{');
  });

  it.each([
    ['$$\nx\n$$', '{block x}'],
    ['$$ x $$', '{block x}'],
    ['\\[\na\n+ b\n- c\n= d\n\\]\n\nAfter', '{block a\n+ b\n- c\n= d}\nAfter'],
    ['\\[ x \\].\n', '{block x .}'],
    ['$$ a\n+ b $$\nAfter', '{block a\n+ b}\nAfter'],
    ['Before\n$$\nx\n$$\nAfter', 'Before\n{block x}\nAfter'],
    ['Before\n\\[\nx\n\\]', 'Before\n{block x}'],
    ['> $$\n> x\n> $$\nlazy', '> {block x}\nlazy'],
    ['> $$\n> x\nlazy', '> {open $$\nx}\nlazy'],
    ['- a\n  $$\n  x\n  $$', '- a|{block x}'],
    ['\\[\na \\\\[2pt]\nb \\\\\n\\]', '{block a \\\\[2pt]\nb \\\\}'],
    ['$$\nx\n\n# Next\n', '{open $$\nx}\nNext'],
    ['$$ x', '{open $$ x}'],
    ['$$a$$ and $$b$$ too', '{display a} and {display b} too'],
    ['```\n$$\nx\n$$\n```', '$$\nx\n$$'],
    ['`$x$` and \\$x$', '$x$ and $x$'],
  ])('are read as blocks: %j', (markdown, tree) => {
    expect(shown(markdown)).toBe(tree);
  });
});
