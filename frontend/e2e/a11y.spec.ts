import { expectClean } from './axe';
import { expect, test } from './fixtures';

test('axe finds nothing on the screens of a conversation', async ({ chat, page }) => {
  await expectClean(page, 'welcome');

  await chat.ask('Explain housing risk');
  await chat.seeItStream();
  await expectClean(page, 'streaming');
  await chat.finish();
  await expectClean(page, 'conversation');

  await chat.lastReply().getByRole('button', { name: 'Bad reply' }).click();
  await page.getByTestId('feedback-panel').getByRole('button', { name: 'Too long' }).click();
  await expectClean(page, 'feedback');
  await page.getByTestId('feedback-panel').getByRole('button', { name: 'Skip' }).click();

  await page.getByTestId('user-menu-button').click();
  await expectClean(page, 'user menu');
  await page.keyboard.press('Escape');

  await page.route('**/chat-api/chat', (route) =>
    route.fulfill({
      status: 429,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'rate_limited', detail: 'Too many messages.', request_id: 'r1' }),
    }),
  );
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

test('axe finds nothing in the list, the archive, the trash and the search', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  const list = await chat.openList();
  await expectClean(page, 'list of chats');
  await list
    .getByRole('button', { name: /^Options/ })
    .first()
    .click({ force: true });
  await expectClean(page, 'menu of a chat');
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await expectClean(page, 'renaming');
  await page.keyboard.press('Escape');
  await chat.options('Explain housing risk', 'Delete');
  await expect(page.getByTestId('toast')).toBeVisible();
  await expectClean(page, 'toast');
  await page.getByTestId('open-trash').click();
  await expect(page.getByTestId('collection-row')).toHaveCount(1);
  await expectClean(page, 'trash');
  await page.getByTestId('erase').click();
  await expectClean(page, 'dialog');
  await page.keyboard.press('Escape');
  await page.getByTestId('restore').click();
  await expect(page.getByText('The trash is empty.')).toBeVisible();
  await chat.openList();
  await page.getByTestId('open-archive').click();
  await expect(page.getByText('Nothing is archived.')).toBeVisible();
  await expectClean(page, 'archive');

  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('search-option').first()).toBeVisible();
  await expectClean(page, 'palette');
  await page.getByTestId('search-help').click();
  await page.getByRole('combobox').fill('housing');
  await expect(page.getByTestId('search-option').locator('mark').first()).toBeVisible();
  await expectClean(page, 'results');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-found]')).toBeVisible();
  await expectClean(page, 'found message');
});

test('axe finds nothing in what Genie found', async ({ chat, page }) => {
  await chat.ask('How many clients do we have emu-never-ends');
  await expect(chat.lastReply().getByTestId('genie-progress')).toBeVisible();
  await expectClean(page, 'Genie at work');
  await chat.stopButton.click();
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
  await chat.ask('How many clients do we have by region?');
  await expect(chat.lastReply().getByTestId('genie-suggestions')).toBeVisible({ timeout: 30_000 });
  await chat.lastReply().getByText('The query').click();
  await expectClean(page, 'table');
  await chat.lastReply().getByTestId('genie-show-chart').click();
  await expectClean(page, 'chart');
});
