import { expect, test } from 'vitest';

import { parseDocument } from '../markdown/parse';
import { plainText } from './plain-text.lazy';

const plain = (markdown: string) => plainText(parseDocument(markdown));

test('takes the marks away and keeps every word', () => {
  expect(
    plain('# Title\n\nSome **bold**, *slanted*, ~~gone~~ and `code`.\\\nNext line.\n\n> Quoted\n\n---\n\nEnd'),
  ).toBe('Title\n\nSome bold, slanted, gone and code.\nNext line.\n\nQuoted\n\nEnd');
});

test('keeps where a link leads, once', () => {
  expect(plain('[the guide](https://a.example/g), <https://b.example>, me@c.example, [again][1]\n\n[1]: /there')).toBe(
    'the guide (https://a.example/g), https://b.example, me@c.example, again (/there)',
  );
});

test('writes lists as people type them', () => {
  expect(plain('3. one\n4. two\n   - inner\n     second line\n\n- [x] done\n- [ ] open')).toBe(
    '3. one\n4. two\n   - inner\n     second line\n\n- [x] done\n- [ ] open',
  );
});

test('a table can be pasted into a spreadsheet', () => {
  expect(plain('| a | b |\n|---|--:|\n| **x** | 1 |\n| y z |  |')).toBe('a\tb\nx\t1\ny z\t');
});

test('code stays as it is, and so does what looks like HTML', () => {
  expect(plain('```py\nif a:\n    b()\n```\n\n<b>not bold</b>')).toBe('if a:\n    b()\n\n<b>not bold</b>');
});

test('numbers footnotes and puts them at the end', () => {
  expect(plain('Said[^x].\n\n[^x]: By **whom**.')).toBe('Said[1].\n\n[1] By whom.');
});
