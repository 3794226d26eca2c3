import { expect, test, vi } from 'vitest';

import { excessOf, isHopeless } from './excess';

test('counts characters, and bytes only where it matters', () => {
  expect(excessOf('', 10)).toBe(0);
  expect(excessOf('a'.repeat(10), 10)).toBe(0);
  expect(excessOf('a'.repeat(11), 10)).toBe(1);
  expect(excessOf('é'.repeat(5), 10)).toBe(0);
  expect(excessOf('é'.repeat(6), 10)).toBe(1);
  expect(excessOf('好'.repeat(4), 10)).toBe(1);
  expect(excessOf('😀😀😀', 10)).toBe(1);
});

test('does not encode what is far too long', () => {
  const encode = vi.spyOn(TextEncoder.prototype, 'encode');
  expect(excessOf('a'.repeat(1_000_000), 100_000)).toBe(900_000);
  expect(isHopeless('a'.repeat(200_000), 100_000)).toBe(false);
  expect(encode).not.toHaveBeenCalled();
});
