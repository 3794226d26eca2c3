import { describe, expect, it } from 'vitest';

import type { Part } from '../../../shared/api/types';
import { LiveText } from '../stream/live-text';
import { lastPlace, placed, upsert, waitsForAnswer, wholeText } from './part-list';
import { piecesOf } from './steps.lazy';
import { brief, layOut } from './values';

const tool = (id: string, at: number, status = 'running'): Part => ({ id, kind: 'tool', at, status });
const answer = (at: number, text: string): Part => ({ id: 'answer', kind: 'answer', at, text });

describe('the parts of a reply', () => {
  it('keep the place of the first when one comes again', () => {
    const parts = upsert(upsert([], [tool('a', 0), tool('b', 2)]), [tool('a', 0, 'done')]);
    expect(parts.map((part) => [part.id, part.status])).toEqual([
      ['a', 'done'],
      ['b', 'running'],
    ]);
    expect(upsert(parts, [])).toBe(parts);
  });

  it('have a place in the text, or stand around it', () => {
    const parts = [tool('a', 3), answer(9, 'x'), { id: 'queue', kind: 'queue', at: 0 }];
    expect(placed(parts).map((part) => part.id)).toEqual(['a']);
    expect(lastPlace(parts)).toBe(3);
    expect(placed(null)).toEqual([]);
  });

  it('say when a person is asked', () => {
    const message = { message_id: 'm', role: 'assistant' as const, content: '', timestamp: '' };
    const approval = { id: 'a', kind: 'approval', at: 0 };
    expect(waitsForAnswer({ ...message, parts: [approval] })).toBe(true);
    expect(waitsForAnswer({ ...message, parts: [{ ...approval, answer: 'denied' }] })).toBe(false);
    expect(waitsForAnswer(message)).toBe(false);
  });

  it('divide the text where they stand', () => {
    const pieces = piecesOf('one two three', [tool('b', 4), tool('a', 0), tool('c', 4)]);
    expect(pieces.map((piece) => [piece.words, piece.parts.map((part) => part.id).join()])).toEqual([
      ['', 'a'],
      ['one ', 'b,c'],
      ['two three', ''],
    ]);
  });

  it('beyond the end of the text stand at its end', () => {
    expect(piecesOf('one', [tool('a', 99)]).map((piece) => piece.words)).toEqual(['one', '']);
  });
});

describe('a text that grows with its parts', () => {
  it('is what was streamed until something richer takes its place', () => {
    const live = new LiveText();
    live.add({ content: 'Fi\u{1F30D}' });
    live.add({ content: 'rst.', parts: [tool('a', 8)] });
    expect(live.content).toBe('Fi\u{1F30D}rst.');
    live.add({ content: '', parts: [answer(8, 'First[^1].'), tool('a', 10)] });
    expect(live.content).toBe('First[^1].');
    live.add({ content: ' More.' });
    expect([live.content, live.raw, live.tail]).toEqual(['First[^1]. More.', 'Fi\u{1F30D}rst. More.', ' More.']);
  });

  it('goes on from what a message says', () => {
    const live = new LiveText('one', '', 3, [answer(3, 'ONE'), tool('a', 3)]);
    expect([live.content, live.tail]).toEqual(['ONE', '']);
    live.add({ content: ' two' });
    expect([live.content, live.tail]).toEqual(['ONE two', ' two']);
    live.replace('new', '', 9);
    expect([live.content, live.parts.length]).toEqual(['new', 0]);
  });

  it('is the same as the text of the message in the end', () => {
    const parts = [answer(2, 'XYZ')];
    expect(wholeText('ab cd', parts)).toBe('XYZ cd');
    expect(wholeText('ab cd', [])).toBe('ab cd');
    expect(wholeText('ab cd', undefined)).toBe('ab cd');
  });
});

describe('what a tool was told', () => {
  it('is laid out when it is JSON', () => {
    expect(layOut('{"a":1}')).toEqual({ code: '{\n  "a": 1\n}', language: 'json' });
    expect(layOut('{broken')).toEqual({ code: '{broken', language: null });
    expect(layOut('plain')).toEqual({ code: 'plain', language: null });
  });

  it('is told in a line', () => {
    expect(brief('{"city":"Oslo","days":[1,2]}')).toBe('Oslo, [1,2]');
    expect(brief('[1]')).toBe('[1]');
    expect(brief('words')).toBe('words');
  });
});
