import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function expectClean(page: Page, screen: string): Promise<void> {
  // What is being faded or moved has no settled colours yet.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity).map((one) => one.finished)));
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`);
  expect(found, screen).toEqual([]);
}

test('axe finds nothing on any screen', async ({ chat, page }) => {
  await expectClean(page, 'welcome');

  await chat.ask('Explain housing risk');
  await chat.seeItStream();
  await expectClean(page, 'streaming');
  await chat.finish();
  await expectClean(page, 'conversation');

  await page.getByTestId('user-menu-button').click();
  await expectClean(page, 'user menu');
  await page.keyboard.press('Escape');

  const list = await chat.openList();
  await expectClean(page, 'list of chats');
  await list.getByRole('button', { name: /^Delete/ }).first().click({ force: true });
  await expectClean(page, 'dialog');
  await page.keyboard.press('Escape');
  const close = page.getByTestId('drawer-close');
  if (await close.isVisible()) await close.click();

  await page.route('**/chat-api/chat', (route) => route.fulfill({ status: 429, contentType: 'application/problem+json', body: JSON.stringify({ code: 'rate_limited', detail: 'Too many messages.', request_id: 'r1' }) }));
  await chat.field.fill('Once more');
  await chat.field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Too many messages.');
  await expectClean(page, 'error banner');

  await page.goto(`${chat.server.url}/no/such/page`);
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await expectClean(page, 'not found');

  await page.goto(`${chat.server.url}/c/no-such-chat`);
  await expect(page.getByRole('heading', { name: 'This chat is not here' })).toBeVisible();
  await expect(page).toHaveTitle('Chat not available · Chatbot');
  await expectClean(page, 'missing chat');

  await page.goto(`${chat.server.url}/signed-out?reason=link`);
  await expect(page.getByRole('alert')).toContainText('not valid any more');
  await expectClean(page, 'signed out');
});
