import { expect, otherDevice, test } from './fixtures';
import { busyStore, refuse } from './refuse';

test.use({ model: 'emu-speed-100000' });

test('a chat is renamed in its place, pinned, archived and found again', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();

  await test.step('rename: Escape keeps the old name, Enter takes the new one', async () => {
    await chat.openList();
    await chat.row('Explain housing risk').focus();
    await page.keyboard.press('F2');
    const field = page.getByRole('textbox', { name: 'Name of this chat' });
    await expect(field).toHaveValue('Explain housing risk');
    await field.fill('Something else');
    await field.press('Escape');
    await expect(chat.row('Explain housing risk')).toBeFocused();
    await page.keyboard.press('F2');
    await field.fill('Housing');
    await field.press('Enter');
    await expect(chat.row('Housing')).toBeFocused();
    await expect(page.getByTestId('chat-title')).toHaveText('Housing');
    await page.reload();
    await chat.openList();
    await expect(chat.row('Housing')).toBeVisible();
  });

  await test.step('an empty name gives the first question back', async () => {
    await chat.options('Housing', 'Rename');
    await page.getByRole('textbox', { name: 'Name of this chat' }).fill(' ');
    await page.keyboard.press('Enter');
    await expect(chat.row('Explain housing risk')).toBeVisible();
  });

  await test.step('pin', async () => {
    await chat.options('Explain housing risk', 'Pin');
    const pinned = page.getByRole('region', { name: 'Pinned' });
    await expect(pinned.getByRole('link', { name: 'Explain housing risk' })).toBeVisible();
    await expect(page.getByTestId('session-row')).toHaveCount(1);
    await chat.options('Explain housing risk', 'Unpin');
    await expect(pinned).toHaveCount(0);
    await expect(page.getByRole('region', { name: 'Today' })).toBeVisible();
  });

  await test.step('archive, undo, archive, open from there', async () => {
    await chat.options('Explain housing risk', 'Archive');
    await expect(page.getByTestId('session-row')).toHaveCount(0);
    await expect(page.getByTestId('archived-notice')).toBeVisible();
    await page.getByTestId('undo').click();
    await expect(page.getByTestId('session-row')).toHaveCount(1);
    await expect(page.getByTestId('archived-notice')).toHaveCount(0);
    await chat.options('Explain housing risk', 'Archive');
    await page.getByTestId('open-archive').click();
    await expect(page).toHaveTitle('Archive · Chatbot');
    await expect(page.getByRole('heading', { name: 'Archive' })).toBeFocused();
    await page.getByTestId('collection-row').getByRole('link').click();
    await expect(chat.questions).toHaveText([/Explain housing risk$/]);
    await page.getByTestId('archived-notice').getByRole('button').click();
    await chat.openList();
    await expect(chat.row('Explain housing risk')).toBeVisible();
  });
});

test('a deleted chat waits in the trash; for good is asked first', async ({ chat, page }) => {
  for (const words of ['First', 'Second', 'Third']) {
    await chat.newChat();
    await chat.ask(words);
    await chat.finish();
  }
  await test.step('the open chat goes, the focus to the next one, undo brings both back', async () => {
    const address = page.url();
    await chat.openList();
    await chat.row('Third').focus();
    await page.keyboard.press('Delete');
    await expect(page.getByTestId('welcome-message')).toBeVisible();
    await expect(page.getByTestId('announcer')).toHaveText('Moved to the trash: “Third”. To undo, press Ctrl+Z.');
    await page.keyboard.press('Control+z');
    await expect(page).toHaveURL(address);
    await expect(chat.questions).toHaveText([/Third$/]);
  });

  await test.step('the trash: restore one, erase one, empty the rest', async () => {
    for (const words of ['First', 'Second', 'Third']) await chat.options(words, 'Delete');
    await page.getByTestId('open-trash').click();
    const rows = page.getByTestId('collection-row');
    await expect(rows).toHaveCount(3);
    await rows.filter({ hasText: 'Second' }).getByTestId('restore').click();
    await expect(rows).toHaveCount(2);
    await chat.openList();
    await expect(chat.row('Second')).toBeVisible();
    await chat.closeList();

    await rows.filter({ hasText: 'First' }).getByTestId('erase').click();
    const dialog = page.getByRole('dialog', { name: 'Delete this chat for good?' });
    await expect(dialog).toContainText('“First”');
    await expect(dialog).toContainText('messages');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Delete “First” for good' })).toBeFocused();
    await page.keyboard.press('Enter');
    await page.getByTestId('confirm-erase').click();
    await expect(rows).toHaveCount(1);

    await page.getByTestId('empty-trash').click();
    await expect(page.getByRole('dialog', { name: 'Empty the trash?' })).toBeVisible();
    await page.getByTestId('confirm-erase').click();
    await expect(page.getByText('The trash is empty.')).toBeVisible();
    await page.reload();
    await expect(page.getByText('The trash is empty.')).toBeVisible();
    await chat.openList();
    await expect(chat.row('Second')).toBeVisible();
  });
});

test('what the server refuses is taken back, and said', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await refuse(page, '**/chat-api/chats/*', busyStore, ['DELETE', 'PATCH']);
  await chat.options('Explain housing risk', 'Pin');
  await expect(page.getByRole('alert')).toContainText('The chat was not changed. The store is busy.');
  await expect(page.getByRole('region', { name: 'Pinned' })).toHaveCount(0);
  await chat.options('Explain housing risk', 'Delete');
  await expect(page.getByTestId('error-banner').filter({ hasText: 'The chat was not deleted.' })).toBeVisible();
  await expect(chat.row('Explain housing risk')).toBeVisible();
  await chat.options('Explain housing risk', 'Rename');
  await page.getByRole('textbox', { name: 'Name of this chat' }).fill('A better name');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('error-banner').filter({ hasText: 'The chat was not renamed.' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Name of this chat' })).toHaveValue('A better name');
});

test('two devices rename one chat: both names are seen, and a person decides', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  const address = `${chat.server.url}/chat-api/chats/${page.url().split('/').at(-1) ?? ''}`;
  const headers = { Origin: chat.server.url };
  await chat.openList();
  await expect(chat.row('Explain housing risk')).toBeVisible();
  // A device whose page has not heard of the change yet.
  await page.route('**/chat-api/events*', (route) => route.abort());
  await page.route('**/chat-api/chats?*', (route) => route.abort());
  await chat.options('Explain housing risk', 'Rename');
  const answer = await page.request.patch(address, { headers, data: { title: 'Theirs' } });
  expect(answer.status()).toBe(200);
  await page.getByRole('textbox', { name: 'Name of this chat' }).fill('Mine');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('rename-conflict')).toContainText('“Theirs”');
  const field = page.getByRole('textbox', { name: 'Name of this chat' });
  await expect(field).toHaveValue('Mine');
  await expect(field).toBeFocused();
  await field.press('Escape');
  await expect(chat.row('Theirs')).toBeVisible();

  await chat.options('Theirs', 'Rename');
  await page.request.patch(address, { headers, data: { pinned: true } });
  await field.fill('Mine');
  await field.press('Enter');
  await expect(chat.row('Mine')).toBeVisible();
  await expect
    .poll(async () => {
      const stored = (await (await page.request.get(address)).json()) as { title: string; pinned: boolean };
      return [stored.title, stored.pinned];
    })
    .toEqual(['Mine', true]);
});

test('a second device sees what the first one does, at once', async ({ chat, page, browser }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  const other = await otherDevice(chat, browser);
  await other.page.goto(page.url());
  await expect(other.replies).toHaveCount(1);

  await chat.options('Explain housing risk', 'Rename');
  await page.getByRole('textbox', { name: 'Name of this chat' }).fill('Housing');
  await page.keyboard.press('Enter');
  await other.openList();
  await expect(other.row('Housing')).toBeVisible();
  await expect(other.page.getByTestId('chat-title')).toHaveText('Housing');

  await chat.closeList();
  await chat.lastReply().getByRole('button', { name: 'Good reply' }).click();
  await expect(other.lastReply().getByRole('button', { name: 'Good reply' })).toHaveAttribute('aria-pressed', 'true');

  await chat.newChat();
  await chat.ask('Something new');
  await expect(other.row('Something new')).toBeVisible();
  await chat.finish();

  await chat.options('Housing', 'Delete');
  await expect(other.row('Housing')).toHaveCount(0);
  await expect(other.page.getByRole('heading', { name: 'This chat is not here' })).toBeVisible();
  await page.getByTestId('undo').click();
  await expect(other.row('Housing')).toBeVisible();
  await expect(other.replies).toHaveCount(1);
  await other.page.context().close();
});
