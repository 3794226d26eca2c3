import { describe, expect, it } from 'vitest';

import { closeOpenMarks } from './open-marks';

describe('closeOpenMarks', () => {
  it.each([
    ['some **bold', 'some **bold**'],
    ['some **', 'some '],
    ['some **bold*', 'some **bold**'],
    ['some **bold** text', 'some **bold** text'],
    ['some *slanted', 'some *slanted*'],
    ['some *', 'some '],
    ['some *slanted*', 'some *slanted*'],
    ['**bold and *both', '**bold and *both***'],
    ['* a list', '* a list'],
    ['2 * 3', '2 * 3'],
    ['a ~~gone', 'a ~~gone~~'],
    ['run `npm ci', 'run `npm ci`'],
    ['run `', 'run '],
    ['run `a` and `b', 'run `a` and `b`'],
    ['see [the book](https://exa', 'see the book'],
    ['see [the book](https://example.org) now', 'see [the book](https://example.org) now'],
    ['code `**` stays', 'code `**` stays'],
    ['    indented **code', '    indented **code'],
    ['first **line\nsecond', 'first **line\nsecond'],
    ['', ''],
  ])('%j becomes %j', (tail, shown) => {
    expect(closeOpenMarks(tail)).toBe(shown);
  });
});
