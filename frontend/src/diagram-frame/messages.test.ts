import { describe, expect, it } from 'vitest';

import { isInert, readAnswer, readOrder } from './messages';

describe('what the frame says', () => {
  it('is taken only in its shape', () => {
    expect(readAnswer({ kind: 'ready', more: 1 })).toEqual({ kind: 'ready' });
    expect(readAnswer({ kind: 'drawn', svg: 7, height: 1e9 })).toEqual({ kind: 'drawn', svg: '', height: 4000 });
    expect(readAnswer({ kind: 'sized', height: 'x' })).toEqual({ kind: 'sized', height: 0 });
    expect(readAnswer({ kind: 'failed', reason: 'x'.repeat(9999) })).toEqual({
      kind: 'failed',
      reason: 'x'.repeat(600),
    });
    for (const data of [null, 'ready', 3, {}, { kind: 'eval' }, []]) expect(readAnswer(data)).toBeNull();
  });

  it('is asked for in its shape', () => {
    expect(readOrder({ code: 'pie', dark: 1 })).toEqual({ code: 'pie', dark: false });
    expect(readOrder({ dark: true })).toBeNull();
  });
});

describe('isInert', () => {
  const svg = (inside: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">${inside}</svg>`;

  it('lets shapes, words and marks of its own pass', () => {
    expect(isInert(svg('<style>#a{fill:#fff}</style><path marker-end="url(#arrow)"/><text>on = off</text>'))).toBe(
      true,
    );
  });

  it.each([
    '<script>alert(1)</script>',
    '<g onclick="x()"/>',
    '<a xlink:href="javascript:x"/>',
    '<image href="data:image/png;base64,AA"/>',
    '<foreignObject/>',
    '<style>@import "x"</style>',
    '<path fill="url(//evil.example/x)"/>',
    '<text>https://evil.example</text>',
  ])('refuses %s', (inside) => {
    expect(isInert(svg(inside))).toBe(false);
  });

  it('refuses what is no drawing', () => {
    expect(isInert('<html></html>')).toBe(false);
    expect(isInert('')).toBe(false);
  });
});
