import type { Table } from 'mdast';
import { describe, expect, it } from 'vitest';

import { parseTree } from './parse';
import { htmlOf, textsOf, tsvOf } from './table-text';

function rowsOf(markdown: string): string[][] {
  return (parseTree(markdown).children[0] as Table).children.map(textsOf);
}

describe('the text of a table', () => {
  it('has no marks', () => {
    expect(
      rowsOf('| **a** `b` | [c](https://example.org) |\n|-|-|\n| ![d](x.png)<br>e | ~~f~~ _**g**_ \\| h |\n'),
    ).toEqual([
      ['a b', 'c'],
      ['d e', 'f g | h'],
    ]);
  });

  it('is lines and fields, of which none runs', () => {
    expect(
      tsvOf([
        ['a', 'b'],
        ['=1+1', 'two\twords'],
        ['-3', '@x'],
      ]),
    ).toBe("a\tb\n'=1+1\ttwo words\n-3\t'@x");
  });

  it('is HTML without any of its own', () => {
    expect(
      htmlOf([
        ['a', '<b>'],
        ['"&', '=x'],
      ]),
    ).toBe(
      '<table><thead><tr><th>a</th><th>&lt;b&gt;</th></tr></thead>' +
        "<tbody><tr><td>&quot;&amp;</td><td>'=x</td></tr></tbody></table>",
    );
  });
});
