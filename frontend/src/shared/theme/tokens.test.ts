import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { text } from '../i18n/messages';
import { contrastPairs, dark, light } from './tokens';

function luminance(colour: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  expect(colour).toMatch(/^#[0-9a-f]{6}$/);
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(front: string, back: string): number {
  const [high, low] = [luminance(front), luminance(back)].toSorted((a, b) => b - a);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

describe.each([
  ['light', light],
  ['dark', dark],
])('%s theme', (_name, colours) => {
  it.each(contrastPairs(colours).map((pair) => [pair.name, pair] as const))(
    '%s can be read',
    (_pair, { front, back, least }) => {
      expect(contrast(front, back)).toBeGreaterThanOrEqual(least);
    },
  );
});

it('the browser’s bar and an installed page begin in the colours of the page', () => {
  const read = (path: string) => readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');
  const bars = Array.from(read('index.html').matchAll(/name="theme-color" content="([^"]+)"/g), ([, colour]) => colour);
  expect(bars).toEqual([light.bg.canvas, dark.bg.canvas]);
  const manifest = JSON.parse(read('public/manifest.webmanifest')) as Record<string, string>;
  expect([manifest.background_color, manifest.theme_color]).toEqual([light.bg.canvas, light.bg.canvas]);
  expect([manifest.name, manifest.short_name]).toEqual([text.product, text.product]);
});
