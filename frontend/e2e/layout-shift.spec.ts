import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';

interface Shift {
  value: number;
  hadRecentInput: boolean;
  sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
}

interface Watched {
  shifted?: number;
  /** What moved, for whoever has to mend it. */
  movers?: string[];
}

/** What people hardly notice; half of what is usually called good. */
const most = 0.05;

/** Adds up what moves by itself from now on, on every page that is opened. */
async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched = window as unknown as Watched;
    watched.shifted = 0;
    watched.movers = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as Shift[]) {
        if (entry.hadRecentInput) continue;
        watched.shifted = (watched.shifted ?? 0) + entry.value;
        const places = entry.sources.map(({ node, previousRect: from, currentRect: to }) => {
          const element = node instanceof Element ? node : node?.parentElement;
          const name = element?.closest('[data-testid]')?.getAttribute('data-testid') ?? 'gone';
          return `${name} ${from.y}+${from.height} to ${to.y}+${to.height}`;
        });
        watched.movers?.push(`${entry.value.toFixed(4)}: ${places.join(', ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

async function expectStill(page: Page, screen: string): Promise<void> {
  const { shifted, movers } = await page.evaluate(() => {
    const watched = window as unknown as Watched;
    return { shifted: watched.shifted ?? Number.NaN, movers: watched.movers ?? [] };
  });
  expect(shifted, `${screen}: ${movers.join('\n')}`).toBeLessThan(most);
}

test('nothing jumps while the page opens and a reply streams', async ({ page, server, chat }) => {
  await watchShifts(page);
  await page.reload();
  await expect(page.getByTestId('suggestion-button')).toHaveCount(4);
  await expectStill(page, 'welcome screen');

  await chat.ask('Explain housing risk');
  await chat.seeItStream();
  await chat.finish();
  await expectStill(page, 'streaming');

  await page.goto(`${server.url}${new URL(page.url()).pathname}`);
  await expect(chat.lastReply().getByTestId('reply-body')).toContainText('This is the built-in demo');
  await expect(page.getByTestId('demo-mark')).toBeVisible();
  await page.waitForTimeout(1000);
  await expectStill(page, 'opening a conversation');
});
