import { describe, expect, it } from 'vitest';

import { dayBefore, hasTerm, operatorIn, toggleOperator } from './query';
import { piecesOf, withoutMarks } from './snippet';

describe('operators', () => {
  it('are found among words and phrases, not inside a phrase', () => {
    expect(operatorIn('rent from:me', 'from')).toBe('me');
    expect(operatorIn('"from:me again"', 'from')).toBeNull();
    expect(operatorIn('from:me from:assistant', 'from')).toBe('assistant');
  });

  it('are set, exchanged and taken away without touching the words', () => {
    expect(toggleOperator('rent "a b"', 'from', 'me')).toBe('rent "a b" from:me ');
    expect(toggleOperator('rent from:me "a b"', 'from', 'assistant')).toBe('rent "a b" from:assistant ');
    expect(toggleOperator('rent from:me', 'from', 'me')).toBe('rent ');
    expect(toggleOperator('from:me', 'from', 'me')).toBe('');
    expect(toggleOperator('', 'rating', 'up')).toBe('rating:up ');
  });

  it('are no words to look for', () => {
    for (const query of ['', '  ', 'from:me', '-draft', '-"a b" in:title', '*', '"'])
      expect(hasTerm(query), query).toBe(false);
    for (const query of ['a', 'hous*', '"a b"', 'from:me rent', 'über', '日本'])
      expect(hasTerm(query), query).toBe(true);
  });

  it('count days by the calendar, also over a change of clocks', () => {
    expect(dayBefore(new Date(2026, 2, 30, 0, 30), 7)).toBe('2026-03-23');
    expect(dayBefore(new Date(2026, 0, 3, 12), 7)).toBe('2025-12-27');
  });
});

describe('piecesOf', () => {
  const marked = (text: string, matches: [number, number][]) =>
    piecesOf({ text, matches })
      .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
      .join('');

  it('marks what was found, also beyond the first plane', () => {
    expect(
      marked('Rent 🏠 and rent', [
        [0, 4],
        [12, 16],
      ]),
    ).toBe('[Rent] 🏠 and [rent]');
  });

  it('loses and doubles no character, whatever the positions', () => {
    const text = 'Grüße aus 日本';
    const odd: [number, number][][] = [
      [[3, 1]],
      [[-2, 4]],
      [[0, 99]],
      [
        [0, 5],
        [2, 7],
      ],
      [
        [2, 7],
        [0, 5],
      ],
      [[4, 4]],
    ];
    for (const matches of odd)
      expect(
        piecesOf({ text, matches })
          .map((piece) => piece.text)
          .join(''),
        JSON.stringify(matches),
      ).toBe(text);
    expect(
      marked('abcdef', [
        [0, 3],
        [2, 5],
      ]),
    ).toBe('[abc][de]f');
  });
});

describe('withoutMarks', () => {
  const plain = (source: string, word: string) => {
    const begin = source.indexOf(word);
    const matches = [[begin, begin + word.length]] as const;
    return piecesOf(withoutMarks({ text: source, matches, cut_before: false, cut_after: false }))
      .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
      .join('')
      .replaceAll(/\s+/g, ' ')
      .trim();
  };

  it.each([
    ['about *housing* and **risk**', 'housing', 'about [housing] and risk'],
    ['## A query The `history` table', 'history', 'A query The [history] table'],
    ['| Q1 | 1,204 | |---|---| | Q2 | ~~old~~ |', 'Q2', 'Q1 1,204 [Q2] old'],
    ['2 * 3 stays, snake_case stays', 'snake_case', '2 * 3 stays, [snake_case] stays'],
    ['a **bold word** here', 'bold word** here', 'a [bold word here]'],
    ['nothing to take away', 'take', 'nothing to [take] away'],
  ])('%j', (source, word, shown) => {
    expect(plain(source, word)).toBe(shown);
  });
});
