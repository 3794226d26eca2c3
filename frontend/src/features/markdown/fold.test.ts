import { describe, expect, it } from 'vitest';

import { foldOf } from './fold';

function codeOf(lines: number): string {
  return Array.from({ length: lines }, (_, index) => `line ${index + 1}`).join('\n');
}

describe('foldOf', () => {
  it('leaves code alone that is about as long as its fold', () => {
    expect(foldOf('')).toBeNull();
    expect(foldOf(codeOf(30))).toBeNull();
    expect(foldOf(codeOf(41))).toBeNull();
  });

  it('keeps the first thirty lines and loses none', () => {
    const code = codeOf(42);
    const fold = foldOf(code);
    expect(fold?.lines).toBe(42);
    expect(fold?.head).toBe(codeOf(30));
    expect(`${fold?.head ?? ''}\n${fold?.rest ?? ''}`).toBe(code);
  });
});
