import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const folder = resolve(process.env.SCREENS ?? '../build/screens');

/** What is being faded or moved has no settled colours yet. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.allSettled(
      document
        .getAnimations()
        .filter((one) => one.effect?.getTiming().iterations !== Infinity)
        .map((one) => one.finished),
    );
  });
}

/**
 * One screen as people see it: axe finds nothing to complain of, and a picture of it is kept in a folder
 * for each width and theme, for somebody to look at.
 */
export async function lookAt(page: Page, screen: string, without: string[] = []): Promise<void> {
  await settle(page);
  const place = resolve(folder, test.info().project.name);
  await mkdir(place, { recursive: true });
  const file = `${screen.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.png`;
  await page.screenshot({ path: resolve(place, file), animations: 'disabled', caret: 'initial' });
  const { violations } = await new AxeBuilder({ page }).withTags(tags).disableRules(without).analyze();
  const found = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(', ')}`);
  expect(found, screen).toEqual([]);
}
