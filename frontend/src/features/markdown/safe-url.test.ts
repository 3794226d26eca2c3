import { describe, expect, it } from 'vitest';

import { hostOf, inlineImageUrl, safeLink } from './safe-url';

describe('safeLink', () => {
  it.each(['https://example.org/a?b=c#d', 'http://example.org/', 'mailto:ada@example.org'])(
    'lets %s pass',
    (address) => {
      expect(safeLink(address)).toBe(address);
    },
  );

  it.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://example.org/1',
    '/chat-api/logout',
    '//example.org/a',
    'chat-api/logout',
    '#top',
    '',
    'https://user:pass@example.org/',
    'http://',
  ])('refuses %j', (address) => {
    expect(safeLink(address)).toBeNull();
  });
});

describe('inlineImageUrl', () => {
  it('takes pictures only, and only from inside the text', () => {
    expect(inlineImageUrl('data:image/png;base64,iVBORw0KGgo=')).not.toBeNull();
    expect(inlineImageUrl('data:image/svg+xml;base64,PHN2Zz4=')).toBeNull();
    expect(inlineImageUrl('https://example.org/track.png')).toBeNull();
    expect(inlineImageUrl('/chat-api/logout')).toBeNull();
  });
});

describe('hostOf', () => {
  it('names where an address leads', () => {
    expect(hostOf('https://example.org:8443/x.png')).toBe('example.org:8443');
    expect(hostOf('mailto:a@b.c')).toBe('mailto:');
    expect(hostOf('nonsense')).toBe('nonsense');
  });
});
