import { richReply } from './rich-reply';
import { lookAt } from './screen';
import { expect, test } from './fixtures';
import { test as scripted } from './scripted';
import { refuse, tooMany } from './refuse';

test('the screens of a conversation', async ({ chat, page }) => {
  await lookAt(page, 'welcome');
  await chat.ask('Explain housing risk');
  await chat.seeItStream();
  await lookAt(page, 'streaming');
  await chat.finish();
  await lookAt(page, 'reply');
  await chat.ask('Show me a table, code and a list');
  await chat.finish();
  await lookAt(page, 'conversation');

  await chat.lastReply().getByRole('button', { name: 'Bad reply' }).click();
  await page.getByTestId('feedback-panel').getByRole('button', { name: 'Too long' }).click();
  await lookAt(page, 'feedback');
  await page.getByTestId('feedback-panel').getByRole('button', { name: 'Skip' }).click();

  await refuse(page, '**/chat-api/chat', tooMany);
  await chat.field.fill('Once more');
  await chat.field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Too many messages.');
  await lookAt(page, 'error banner');
});

test.describe('a model that says nothing', () => {
  test.use({ model: 'emu-stall' });

  test('the screens of waiting', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    await expect(chat.lastReply().getByTestId('waiting')).toHaveText(/^Connecting/);
    await lookAt(page, 'connecting');
    await expect(page.getByTestId('still-waiting')).toBeVisible({ timeout: 16_000 });
    await lookAt(page, 'still waiting');
  });
});

test('the screens that lead nowhere', async ({ chat, page }) => {
  await page.goto(`${chat.server.url}/no/such/page`);
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await lookAt(page, 'not found');

  await page.goto(`${chat.server.url}/c/no-such-chat`);
  await expect(page.getByRole('heading', { name: 'This chat is not here' })).toBeVisible();
  await expect(page).toHaveTitle('Chat not available · Chatbot');
  await lookAt(page, 'missing chat');

  await page.goto(`${chat.server.url}/signed-out?reason=link`);
  await expect(page.getByRole('alert')).toContainText('not valid any more');
  await lookAt(page, 'signed out');
});

test('the screens of the list, the trash, the archive and the search', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  const list = await chat.openList();
  await lookAt(page, 'list of chats');
  await list
    .getByRole('button', { name: /^Options/ })
    .first()
    .click({ force: true });
  await lookAt(page, 'menu of a chat');
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await lookAt(page, 'renaming');
  await page.keyboard.press('Escape');
  await chat.options('Explain housing risk', 'Delete');
  await expect(page.getByTestId('toast')).toBeVisible();
  await lookAt(page, 'toast');
  await page.getByTestId('open-trash').click();
  await expect(page.getByTestId('collection-row')).toHaveCount(1);
  await lookAt(page, 'trash');
  await page.getByTestId('erase').click();
  await lookAt(page, 'dialog');
  await page.keyboard.press('Escape');
  await page.getByTestId('restore').click();
  await expect(page.getByText('The trash is empty.')).toBeVisible();
  await chat.openList();
  await page.getByTestId('open-archive').click();
  await expect(page.getByText('Nothing is archived.')).toBeVisible();
  await lookAt(page, 'archive');

  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('search-option').first()).toBeVisible();
  await lookAt(page, 'palette');
  await page.getByTestId('search-help').click();
  await page.getByRole('combobox').fill('housing');
  await expect(page.getByTestId('search-option').locator('mark').first()).toBeVisible();
  await lookAt(page, 'results');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-found]')).toBeVisible();
  await lookAt(page, 'found message');
});

test('the screens of what is asked for', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await chat.lastReply().getByRole('button', { name: 'Regenerate reply' }).click();
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'streaming');
  await chat.finish();
  await chat.lastReply().getByRole('button', { name: 'More about this reply' }).click();
  await lookAt(page, 'menu of a reply');
  await page.getByRole('menuitem', { name: 'Details' }).click();
  await expect(page.getByTestId('receipt')).toBeVisible();
  await lookAt(page, 'receipt');
  await page.keyboard.press('Escape');
  await chat.lastReply().getByRole('button', { name: 'More about this reply' }).click();
  await page.getByRole('menuitem', { name: 'Compare versions' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await lookAt(page, 'comparison');
  await page.keyboard.press('Escape');

  await page.getByTestId('user-menu-button').click();
  await expect(page.getByTestId('open-settings')).toBeVisible();
  await lookAt(page, 'user menu');
  await page.getByTestId('open-settings').click();
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await lookAt(page, 'settings');
  await page.getByRole('button', { name: 'Show all shortcuts' }).click();
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await lookAt(page, 'shortcuts');
  await page.keyboard.press('Escape');
  await page.getByTestId('chat-settings').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await lookAt(page, 'settings of a chat');
  await page.goto(`${chat.server.url}/chat-api/docs`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await lookAt(page, 'interface');
});

test('the screens of Genie', async ({ chat, page }) => {
  await chat.ask('How many clients do we have emu-never-ends');
  await expect(chat.lastReply().getByTestId('genie-progress')).toBeVisible();
  await lookAt(page, 'Genie at work');
  await chat.stopButton.click();
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
  await chat.ask('How many clients do we have by region?');
  await expect(chat.lastReply().getByTestId('genie-suggestions')).toBeVisible({ timeout: 30_000 });
  await lookAt(page, 'Genie');
  await chat.lastReply().getByText('The query').click();
  await lookAt(page, 'Genie, the query');
  await chat.lastReply().getByTestId('genie-show-chart').click();
  await lookAt(page, 'Genie, a chart');
});

test('the screens of a rich reply', async ({ chat, page }) => {
  await chat.ask('Show a formula, a diagram, a table, python and a checklist');
  await chat.finish();
  await expect(chat.lastReply().locator('math').first()).toBeAttached();
  for (const [at, part] of (await chat.lastReply().locator('h3').all()).entries()) {
    await part.evaluate((element) => {
      element.scrollIntoView({ block: 'start' });
    });
    await lookAt(page, `rich reply ${at}`);
  }
});

scripted('a reply that has everything', async ({ page, reply }) => {
  const chat = await reply(richReply);
  const body = chat.lastReply().getByTestId('reply-body');
  await expect(body.locator('.katex')).toHaveCount(2);
  await chat.lastReply().getByRole('button', { name: 'Show diagram' }).click();
  await expect(body.locator('iframe')).toHaveAttribute('data-drawn', 'true');
  await expect(body.getByRole('button', { name: /^Sort by/ })).toHaveCount(4);
  await lookAt(page, 'a rich reply');
  await body.getByTestId('picture').first().scrollIntoViewIfNeeded();
  await lookAt(page, 'a picture from elsewhere');
  expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
});
