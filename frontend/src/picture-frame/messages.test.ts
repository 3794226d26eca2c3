import { describe, expect, it } from 'vitest';

import { readAnswer, readOrder, sourceOf } from './messages';

describe('where a picture may come from', () => {
  it('is the one site of its address', () => {
    expect(sourceOf('https://Example.org/a.png?q=1#x')).toBe('https://example.org');
    expect(sourceOf('https://example.org:8443/a.png')).toBe('https://example.org:8443');
    expect(sourceOf('https://bücher.example/a.png')).toBe('https://xn--bcher-kva.example');
  });

  it.each([
    'http://example.org/a.png',
    'javascript:alert(1)',
    'data:image/png;base64,AA',
    'blob:https://example.org/1',
    'file:///etc/passwd',
    '//example.org/a.png',
    '/a.png',
    'https://user:word@example.org/a.png',
    'https://a;img-src/x.png',
    'https://a,b/x.png',
    "https://'self'/x.png",
    'https://*/x.png',
    'https://[::1]/x.png',
    '',
  ])('is not %s', (address) => {
    expect(sourceOf(address)).toBeNull();
    expect(readOrder({ address, alt: '' })).toBeNull();
  });
});

describe('what the frame says', () => {
  it('is taken only in its shape', () => {
    expect(readAnswer({ kind: 'ready', more: 1 })).toEqual({ kind: 'ready' });
    expect(readAnswer({ kind: 'failed' })).toEqual({ kind: 'failed' });
    expect(readAnswer({ kind: 'shown', width: 40.4, height: 30 })).toEqual({ kind: 'shown', width: 40, height: 30 });
    expect(readAnswer({ kind: 'shown', width: 1e9, height: 0 })).toEqual({ kind: 'shown', width: 16384, height: 300 });
    expect(readAnswer({ kind: 'shown', width: Number.NaN })).toEqual({ kind: 'shown', width: 300, height: 300 });
    for (const data of [null, 'ready', 3, {}, { kind: 'eval' }, []]) expect(readAnswer(data)).toBeNull();
  });

  it('is asked for in its shape', () => {
    const order = { address: 'https://example.org/a.png', alt: 'a cat' };
    expect(readOrder({ ...order, more: 1 })).toEqual(order);
    for (const data of [null, {}, { address: order.address }, { ...order, alt: 3 }]) expect(readOrder(data)).toBeNull();
  });
});
