import { expect, test } from './fixtures';

test.use({ env: { AUTO_TITLE: 'true' }, model: 'emu-speed-100000' });

test('a chat gets a name after its first reply, and keeps the one that a person gives', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await expect(page.getByTestId('chat-title')).toHaveText('About housing risk');
  await expect(page).toHaveTitle('About housing risk · Chatbot');
  await chat.openList();
  await expect(chat.row('About housing risk')).toBeVisible();

  await chat.options('About housing risk', 'Rename');
  await page.getByRole('textbox', { name: 'Name of this chat' }).fill('Mine');
  await page.keyboard.press('Enter');
  await expect(chat.row('Mine')).toBeVisible();
  await chat.closeList();
  await chat.ask('And once more');
  await chat.finish();
  await page.reload();
  await expect(page.getByTestId('chat-title')).toHaveText('Mine');

  await chat.options('Mine', 'Rename');
  await page.getByRole('textbox', { name: 'Name of this chat' }).fill('');
  await page.keyboard.press('Enter');
  await expect(chat.row('About housing risk')).toBeVisible();
});
