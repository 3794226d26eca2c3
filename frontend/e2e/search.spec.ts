import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';
import type { ChatPage } from './pages/chat-page';

test.use({ model: 'emu-speed-100000' });

async function begin(chat: ChatPage, id: string, content: string): Promise<void> {
  const answer = await chat.page.request.post(`${chat.server.url}/chat-api/chat`, {
    headers: { Origin: chat.server.url },
    data: { session_id: id, content },
  });
  expect(answer.status()).toBe(200);
  await answer.text();
}

async function openSearch(page: Page) {
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Search chats and messages' });
  await expect(field).toBeFocused();
  return { field, options: page.getByRole('option'), marks: page.getByRole('option').locator('mark') };
}

test('a word is found, marked and jumped to', async ({ chat, page }) => {
  for (let number = 1; number <= 8; number += 1) {
    await chat.ask(number === 2 ? 'What about <b>marmalade</b> & tea?' : `Question ${number}`);
    await chat.finish();
  }
  await chat.newChat();
  const { field, options, marks } = await openSearch(page);
  await expect(options.filter({ hasText: 'New chat' })).toBeVisible();
  await field.fill('marmalade from:me');
  await expect(marks).toHaveText(['marmalade']);
  // Whatever a message holds is shown as text.
  await expect(options).toContainText('<b>marmalade</b> & tea?');
  await expect(page.getByRole('dialog').getByRole('status')).toHaveText('1 result');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByTestId('chat-title')).toHaveText('Question 1');
  const message = chat.questions.filter({ hasText: 'marmalade' });
  await expect(message).toHaveAttribute('data-found', '');
  await expect(message).toBeFocused();
  await expect(message).toBeInViewport();
  await expect(page.getByTestId('go-to-latest')).toBeVisible();
  await expect(message).not.toHaveAttribute('data-found', '');
});

test('what hangs on another version is shown before it is jumped to', async ({ chat, page }) => {
  await begin(chat, 'one', 'Tell me about marmalade');
  await begin(chat, 'one', 'And with ginger?');
  const headers = { Origin: chat.server.url };
  const answer = await page.request.get(`${chat.server.url}/chat-api/chats/one`);
  const [question] = ((await answer.json()) as { messages: { message_id: string }[] }).messages;
  await (
    await page.request.post(`${chat.server.url}/chat-api/messages/${question?.message_id ?? ''}/edit`, {
      headers,
      data: { content: 'Tell me about honey' },
    })
  ).text();
  await page.goto(`${chat.server.url}/c/one`);
  await expect(chat.questions).toHaveText([/honey/]);
  const { field, options } = await openSearch(page);
  await field.fill('ginger from:me');
  await expect(options).toContainText('In a version not shown');
  await page.keyboard.press('Enter');
  await expect(chat.questions).toHaveText([/marmalade/, /ginger/]);
  await expect(chat.questions.last()).toHaveAttribute('data-found', '');
});

test('filters are chips and typed words alike', async ({ chat, page }) => {
  await begin(chat, 'one', 'Tell me about tenancy');
  await begin(chat, 'two', 'Nothing of the kind');
  const { field, options, marks } = await openSearch(page);
  await field.fill('tenancy');
  await expect(marks.first()).toBeVisible();
  const all = await options.count();
  await page.getByRole('button', { name: 'From me' }).click();
  await expect(field).toHaveValue('tenancy from:me ');
  await expect(field).toBeFocused();
  await expect(page.getByRole('button', { name: 'From me' })).toHaveAttribute('aria-pressed', 'true');
  await expect(options).toHaveCount(1);
  expect(all).toBeGreaterThan(1);
  await page.getByRole('button', { name: 'Titles only' }).click();
  await page.getByRole('button', { name: 'From me' }).click();
  await expect(field).toHaveValue('tenancy in:title ');
  await expect(options).toHaveCount(1);
  await expect(options).toContainText('Title');
  await field.fill('tenanc*');
  await expect(options).toHaveCount(all);
  await field.fill('from:me');
  await expect(page.getByText('Add a word to look for.')).toBeVisible();
  await field.fill('tenancy after:soon');
  await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
  await field.fill('zebra');
  await expect(page.getByText('Nothing was found.')).toBeVisible();
  await page.getByTestId('search-help').click();
  await expect(page.getByText('from:assistant', { exact: false })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('more results come as one goes down, all by keys', async ({ chat, page }) => {
  const numbers = Array.from({ length: 25 }, (_, index) => index + 1);
  for (const number of numbers) await begin(chat, `chat-${number}`, `Report ${number} on orchards`);
  await page.reload();
  const { field, options } = await openSearch(page);
  await field.fill('orchards from:me');
  await expect(options).toHaveCount(20);
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  for (let presses = 0; presses < 18; presses += 1) await page.keyboard.press('ArrowDown');
  await expect(options).toHaveCount(25);
  await page.keyboard.press('ArrowUp');
  await expect(options.nth(17)).toHaveAttribute('aria-selected', 'true');
  await expect(field).toHaveAttribute('aria-activedescendant', (await options.nth(17).getAttribute('id')) ?? 'none');
  for (let presses = 0; presses < 7; presses += 1) await page.keyboard.press('ArrowDown');
  await expect(options.nth(24)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(0)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowUp');
  await expect(options.nth(24)).toContainText('Report 1 on');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/c\/chat-1\?m=/);
  await expect(chat.questions).toHaveText([/Report 1 on/]);
});

test('the field in the list opens the same search, and gives the focus back', async ({ chat, page }) => {
  await chat.openList();
  await page.getByTestId('open-search').click();
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  // A drawer is gone by then: the focus is on what opens it.
  const back = page.getByTestId('open-search').or(page.getByTestId('sidebar-toggle'));
  await expect(back.and(page.locator(':focus'))).toHaveCount(1);
});
