import { describe, expect, test } from 'vitest';

import { countWords, wordDiff, type Change, type Run } from './word-diff';

const shown = (runs: readonly Run[]) =>
  runs.map(({ change, text }) => `${{ same: '=', removed: '-', added: '+' }[change]}${text}`).join('|');

const side = (runs: readonly Run[], without: Change) =>
  runs
    .filter((run) => run.change !== without)
    .map((run) => run.text)
    .join('');

describe('a comparison word by word', () => {
  test('finds what was put in, taken away and exchanged', () => {
    expect(shown(wordDiff('a b c', 'a b c'))).toBe('=a b c');
    expect(shown(wordDiff('the big red house', 'the big house'))).toBe('=the big |-red |=house');
    expect(shown(wordDiff('we go home now', 'we go slowly home now'))).toBe('=we go |+slowly |=home now');
    expect(shown(wordDiff('It costs ten euros.', 'It costs twelve euros.'))).toBe('=It costs |-ten|+twelve|= euros.');
    expect(shown(wordDiff('', 'new'))).toBe('+new');
    expect(shown(wordDiff('old', ''))).toBe('-old');
    expect(wordDiff('', '')).toEqual([]);
  });

  test('does not keep single words that are alike by chance', () => {
    expect(shown(wordDiff('Rent rose in Auckland', 'Prices fell in Berlin'))).toBe(
      '-Rent rose in Auckland|+Prices fell in Berlin',
    );
  });

  test('knows words in scripts without spaces', () => {
    expect(shown(wordDiff('我喜欢吃苹果和梨', '我喜欢吃香蕉和梨'))).toBe('=我喜欢吃|-苹果|+香蕉|=和梨');
    expect(countWords('Hello, world — 你好!')).toBe(3);
  });

  test('gives back both texts whatever they are', () => {
    let state = 4711;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    const words = ['a', 'b', 'c', 'the', '.', '\n', 'house'];
    const make = () => Array.from({ length: random(40) }, () => words[random(words.length)]).join(' ');
    for (let i = 0; i < 500; i++) {
      const [before, after] = [make(), make()];
      const runs = wordDiff(before, after);
      expect(side(runs, 'added')).toBe(before);
      expect(side(runs, 'removed')).toBe(after);
    }
  });

  test('gives up on texts that have nothing in common, and stays right', () => {
    const before = Array.from({ length: 9000 }, (_, n) => `x${n}`).join(' ');
    const after = Array.from({ length: 9000 }, (_, n) => `y${n}`).join(' ');
    const runs = wordDiff(`${before} end`, `${after} end`);
    expect(runs.map((run) => run.change)).toEqual(['removed', 'added', 'same']);
    expect(side(runs, 'added')).toBe(`${before} end`);
  });
});
