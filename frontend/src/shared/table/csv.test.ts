import { describe, expect, it } from 'vitest';

import { csvField, csvOf } from './csv';

describe('CSV', () => {
  it('quotes what has to be quoted', () => {
    expect(csvField('plain')).toBe('plain');
    expect(csvField('a,b')).toBe('"a,b"');
    expect(csvField('say "x"')).toBe('"say ""x"""');
    expect(csvField('two\nlines')).toBe('"two\nlines"');
    expect(csvField(' edge')).toBe('" edge"');
    expect(csvField('')).toBe('""');
    expect(csvField(null)).toBe('');
  });

  it('lets no text be run as a formula', () => {
    expect(csvField('=1+1')).toBe("'=1+1");
    expect(csvField('@SUM(A1)')).toBe("'@SUM(A1)");
    expect(csvField('+49 30')).toBe("'+49 30");
    expect(csvField('-cmd|x')).toBe("'-cmd|x");
    expect(csvField('=HYPERLINK("x")')).toBe('"\'=HYPERLINK(""x"")"');
    expect(csvField('-12.5')).toBe('-12.5');
    expect(csvField('\t=1')).toBe("'\t=1");
    expect(csvField(' =1')).toBe("' =1");
    for (const begin of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
      for (const space of ['', ' ', '\u00A0', '\uFEFF', '\n'])
        expect(csvField(`${space}${begin}cmd|' /C calc'!A0`).replace(/^"/, '')).toMatch(/^'/);
  });

  it('is whole', () => {
    const rows = [
      ['Europe', '382', '518224.65'],
      ['Asia', '9', null],
    ];
    expect(csvOf(['region', 'clients', 'revenue'], rows)).toBe(
      '\uFEFFregion,clients,revenue\r\nEurope,382,518224.65\r\nAsia,9,\r\n',
    );
  });
});
