import { beforeAll, expect, test } from 'vitest';

import { loadEngine } from '../../markdown/engine';
import { Sentences } from './sentences';

beforeAll(loadEngine);

/** What is said while a text grows token by token. */
function saidOf(text: string, step = 3): string[] {
  const sentences = new Sentences('');
  const said: string[] = [];
  for (let end = step; end < text.length; end += step) said.push(...sentences.take(text.slice(0, end)));
  return [...said, ...sentences.take(text, true)];
}

test('says whole sentences, without marks', () => {
  expect(saidOf('It is **very** cold. See [the guide](https://a.example/x.html). And `go`')).toEqual([
    'It is very cold.',
    'See the guide.',
    'And go',
  ]);
});

test('does not cut where marks are open, nor at a point inside a word', () => {
  expect(saidOf('It is **cold. Very cold** today. Version 1.2.3 is out. Yes')).toEqual([
    'It is cold. Very cold today.',
    'Version 1.2.3 is out.',
    'Yes',
  ]);
});

test('says headings, items, tables and code as what they are', () => {
  const text =
    '## Rents\n\n- one *house*\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1.\n\ny = 2.\n```\n\nThe end';
  expect(saidOf(text, 1)).toEqual(['Rents', '- one house', '- two', 'a, b. 1, 2.', 'Code in py, 3 lines.', 'The end']);
});

test('knows the ends of Chinese and Japanese sentences', () => {
  expect(saidOf('你好。我是机器人。好', 1)).toEqual(['你好。', '我是机器人。', '好']);
});

test('says nothing of what was there before', () => {
  const sentences = new Sentences('Old words. Half');
  expect(sentences.take('Old words. Half a sentence. New')).toEqual(['a sentence.']);
});

test('a text that is replaced is not said again', () => {
  const sentences = new Sentences('');
  expect(sentences.take('First sentence of it. ')).toEqual(['First sentence of it.']);
  expect(sentences.take('A richer answer came. It is whole.', true)).toEqual([]);
});
