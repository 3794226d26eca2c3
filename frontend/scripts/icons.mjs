// Draws public/icon-*.png from icons/icon.svg; run it by hand when the mark changes.
import { readFile } from 'node:fs/promises';

import { chromium } from '@playwright/test';

const svg = await readFile(new URL('../icons/icon.svg', import.meta.url), 'utf8');

/** The mark keeps to the middle, so that a system may cut the square into any shape. */
const icons = [
  { name: 'icon-192.png', size: 192, round: true },
  { name: 'icon-512.png', size: 512, round: true },
  { name: 'icon-maskable-512.png', size: 512, round: false },
  { name: 'apple-touch-icon.png', size: 180, round: false },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const { name, size, round } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const shape = round ? 'border-radius: 22%; overflow: hidden;' : '';
  await page.setContent(`<style>body { margin: 0 } svg { display: block; ${shape} }</style>${svg}`);
  const path = new URL(`../public/${name}`, import.meta.url).pathname;
  await page.screenshot({ path, omitBackground: true });
  await page.close();
}
await browser.close();
