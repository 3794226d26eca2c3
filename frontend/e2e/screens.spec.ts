import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Page, TestInfo } from '@playwright/test';

import { expect, test } from './fixtures';

const folder = resolve(process.env.SCREENS ?? '../build/screens');

/** Keeps what a person sees, one picture a screen and project, for somebody to look at. */
async function keep(page: Page, info: TestInfo, name: string): Promise<void> {
  const place = resolve(folder, info.project.name);
  await mkdir(place, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: resolve(place, `${name}.png`), animations: 'disabled', caret: 'initial' });
}

test('the screens of a conversation', async ({ chat, page }, info) => {
  await keep(page, info, '01-welcome');
  await chat.ask('Explain housing risk');
  await chat.seeItStream();
  await keep(page, info, '02-streaming');
  await chat.finish();
  await keep(page, info, '03-reply');
  await chat.ask('Show me a table, code and a list');
  await chat.finish();
  await keep(page, info, '04-conversation');
  await chat.lastReply().getByRole('button', { name: 'Bad reply' }).click();
  await keep(page, info, '05-feedback');
  await page.getByTestId('feedback-panel').getByRole('button', { name: 'Skip' }).click();
  await page.getByTestId('user-menu-button').click();
  await expect(page.getByTestId('open-settings')).toBeVisible();
  await keep(page, info, '06-user-menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('search-option').first()).toBeVisible();
  await keep(page, info, '07-palette');
  await page.getByRole('combobox').fill('housing');
  await expect(page.getByTestId('search-option').locator('mark').first()).toBeVisible();
  await keep(page, info, '08-search');
  await page.getByRole('button', { name: 'Close search' }).click();
  await expect(page.getByRole('combobox')).toBeHidden();
  await chat.openList();
  await keep(page, info, '09-list');
  await page
    .getByRole('button', { name: /^Options/ })
    .first()
    .click({ force: true });
  await keep(page, info, '10-chat-menu');
});

test('the screens of a rich reply', async ({ chat, page }, info) => {
  await chat.ask('Show a formula, a diagram, a table, python and a checklist');
  await chat.finish();
  await expect(chat.lastReply().locator('math').first()).toBeAttached();
  for (const [at, part] of (await chat.lastReply().locator('h3').all()).entries()) {
    await part.evaluate((element) => {
      element.scrollIntoView({ block: 'start' });
    });
    await keep(page, info, `15-rich-${at}`);
  }
});

test('the screens beside a conversation', async ({ chat, page }, info) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await chat.options('Explain housing risk', 'Delete');
  await expect(page.getByTestId('toast')).toBeVisible();
  await keep(page, info, '20-deleted');
  await page.getByTestId('open-trash').click();
  await expect(page.getByTestId('collection-row')).toHaveCount(1);
  await keep(page, info, '21-trash');
  await page.getByTestId('erase').click();
  await keep(page, info, '22-dialog');
  await page.goto(`${chat.server.url}/no/such/page`);
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await keep(page, info, '23-not-found');
  await page.goto(`${chat.server.url}/signed-out?reason=link`);
  await expect(page.getByRole('alert')).toBeVisible();
  await keep(page, info, '24-signed-out');
});

test('the screens of what Genie found', async ({ chat, page }, info) => {
  await chat.ask('How many clients do we have by region?');
  await expect(chat.lastReply().getByTestId('genie-suggestions')).toBeVisible({ timeout: 30_000 });
  await keep(page, info, '30-genie');
});

test('the screens of what is asked for', async ({ chat, page }, info) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await chat.lastReply().getByRole('button', { name: 'Regenerate reply' }).click();
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'streaming');
  await chat.finish();
  await chat.lastReply().getByRole('button', { name: 'More about this reply' }).click();
  await keep(page, info, '40-reply-menu');
  await page.getByRole('menuitem', { name: 'Details' }).click();
  await expect(page.getByTestId('receipt')).toBeVisible();
  await keep(page, info, '41-receipt');
  await page.keyboard.press('Escape');
  await chat.lastReply().getByRole('button', { name: 'More about this reply' }).click();
  await page.getByRole('menuitem', { name: 'Compare versions' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await keep(page, info, '42-compare');
  await page.keyboard.press('Escape');
  await page.getByTestId('user-menu-button').click();
  await expect(page.getByTestId('open-settings')).toBeVisible();
  await keep(page, info, '43-user-menu');
  await page.getByTestId('open-settings').click();
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await keep(page, info, '44-settings');
  await page.getByRole('button', { name: 'Show all shortcuts' }).click();
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await keep(page, info, '45-shortcuts');
  await page.keyboard.press('Escape');
  await page.getByTestId('chat-settings').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await keep(page, info, '46-chat-settings');
  await page.goto(`${chat.server.url}/chat-api/docs`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await keep(page, info, '47-interface');
});
