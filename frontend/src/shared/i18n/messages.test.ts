import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { text } from './messages';

const source = join(import.meta.dirname, '../..');
const parts = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.tsx') && !path.endsWith('.test.tsx'),
);

const literals = [
  // Words between tags.
  /<[A-Za-z][^<>]*>\s*([A-Za-z][^<>{}]*)<\//g,
  // Words in the attributes that people read or hear.
  /\b(?:aria-label|title|placeholder|alt|label|hint)="([^"]*[A-Za-z][^"]*)"/g,
  /\b(?:aria-label|title|placeholder|alt|label|hint)=\{['`]([^'`]*[A-Za-z][^'`]*)['`]/g,
];

describe('the message catalogue', () => {
  it('looks at the parts of the page', () => {
    expect(parts.length).toBeGreaterThan(20);
  });

  it.each(parts)('holds every text of %s', (path) => {
    const code = readFileSync(join(source, path), 'utf8')
      .replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '')
      .replaceAll(/styled[^`]*`[^`]*`/g, '');
    const found = literals.flatMap((pattern) => Array.from(code.matchAll(pattern), (match) => match[1]));
    expect(found).toEqual([]);
  });

  it('has no empty text', () => {
    const leaves = (value: unknown): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
    for (const leaf of leaves(text)) {
      if (typeof leaf === 'string') expect(leaf.trim()).not.toBe('');
    }
  });
});
