import { describe, expect, it } from 'vitest';

import { fileStem } from './download';

describe('fileStem', () => {
  it.each([
    ['Clients by Region!', 'clients-by-region'],
    ['…', 'file'],
    ['../../etc/passwd', 'etc-passwd'],
    ['a\u202Egnp.exe', 'a-gnp-exe'],
    ['<img src=x>', 'img-src-x'],
    [`${'x'.repeat(59)} y`, 'x'.repeat(59)],
  ])('%j becomes %j', (words, stem) => {
    expect(fileStem(words, 'file')).toBe(stem);
  });
});
