import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';
import { ChatPage } from './pages/chat-page';

/** As if the person looked at another tab, or back. */
async function look(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (value ? 'hidden' : 'visible'),
    });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);
}

test('twenty tabs work, on one change feed', async ({ chat, context, page }) => {
  test.setTimeout(240_000);
  let feeds = 0;
  context.on('request', (request) => {
    if (request.url().includes('/chat-api/events')) feeds += 1;
  });
  await chat.ask('Explain housing risk');
  await chat.finish();
  const tabs: ChatPage[] = [];
  for (let count = 0; count < 19; count += 1) {
    const tab = new ChatPage(await context.newPage(), chat.server);
    await tab.page.goto(page.url());
    await expect(tab.replies).toHaveCount(1);
    tabs.push(tab);
  }
  expect(feeds).toBe(0);

  await test.step('a message of one is in all, with its reply', async () => {
    await chat.ask('And again');
    for (const tab of tabs) await expect(tab.questions).toHaveCount(2);
    await chat.finish();
    const words = await chat.words();
    for (const tab of tabs) {
      await tab.finish();
      await expect.poll(() => tab.words()).toBe(words);
    }
  });

  await test.step('when the first tab closes another one listens', async () => {
    await page.close();
    const [first, last] = [tabs[0], tabs.at(-1)];
    if (first === undefined || last === undefined) throw new Error('no tabs');
    await expect.poll(() => feeds).toBe(1);
    await first.options('Explain housing risk', 'Rename');
    await first.page.getByRole('textbox', { name: 'Name of this chat' }).fill('Housing');
    await first.page.keyboard.press('Enter');
    await last.openList();
    await expect(last.row('Housing')).toBeVisible();
  });
});

test.describe('a slow model', () => {
  test.use({ model: 'emu-speed-6' });

  test('a tab that nobody looks at gives its stream back, and goes on when it is seen', async ({ chat, page }) => {
    const left = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/chat-api/chat'));
    await chat.ask('Explain housing risk');
    await chat.seeItStream();
    await look(page, true);
    await left;
    const joined = page.waitForRequest((request) => request.url().includes('/stream'));
    await look(page, false);
    await joined;
    await chat.finish();
    const words = await chat.words();
    await page.reload();
    await expect.poll(() => chat.words()).toBe(words);
  });
});

test('a reply that begins in another tab is followed here, and one that ends unseen is there', async ({
  chat,
  context,
  page,
}) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  const other = new ChatPage(await context.newPage(), chat.server);
  await other.page.goto(page.url());
  await expect(other.replies).toHaveCount(1);
  await other.ask('Tell me about tenancy');
  await expect(chat.replies).toHaveCount(2);
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'streaming');
  await chat.finish();
  await other.finish();
  await expect.poll(() => chat.words()).toBe(await other.words());

  await look(page, true);
  await other.ask('Tell me about bicycles');
  await other.finish();
  await look(page, false);
  await expect(chat.replies).toHaveCount(3);
  await expect.poll(() => chat.words()).toBe(await other.words());
});
