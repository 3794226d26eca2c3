import { lookAt } from './screen';
import { expect, test } from './fixtures';

test('the sheet shows what works, and what it shows works', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.seeItStream();

  await test.step('Escape stops the reply wherever the focus is, but not while something is open', async () => {
    await page.getByTestId('chat-title').focus();
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'streaming');
    await page.keyboard.press('Escape');
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
  });

  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet.getByRole('heading', { name: 'Keyboard shortcuts' })).toBeFocused();
  for (const name of ['Search', 'New chat', 'Copy the last reply', 'Settings', 'Stop the reply'])
    await expect(sheet.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) })).toBeVisible();
  await lookAt(page, 'sheet of shortcuts');
  await page.keyboard.press('Escape');

  await test.step('go to the message box; there a key is a letter', async () => {
    await page.getByTestId('chat-title').focus();
    await page.keyboard.press('/');
    await expect(chat.field).toBeFocused();
    await page.keyboard.type('/?');
    await expect(chat.field).toHaveValue('/?');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });

  await test.step('the list of chats', async () => {
    const list = page.getByRole('navigation', { name: 'Chats' });
    const open = await list.isVisible();
    await page.keyboard.press('Control+b');
    await expect(list).toBeVisible({ visible: !open });
    await page.keyboard.press('Control+b');
    await expect(list).toBeVisible({ visible: open });
  });

  await test.step('copy the last reply', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('Control+Shift+C');
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toContain((await chat.words()).slice(0, 10));
  });

  await page.keyboard.press('Control+Shift+O');
  await expect(page.getByTestId('welcome-message')).toBeVisible();
});

test('shortcuts of a single key can be turned off', async ({ chat, page }) => {
  await page.keyboard.press('Control+,');
  await page.getByRole('switch', { name: 'Shortcuts of a single key' }).click();
  await page.getByRole('button', { name: 'Show all shortcuts' }).click();
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toContainText('turned off');
  await expect(sheet.getByText('Go to the message box')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.getByTestId('user-menu-button').focus();
  await page.keyboard.press('/');
  await page.keyboard.press('?');
  await expect(page.getByTestId('user-menu-button')).toBeFocused();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await expect(chat.field).toBeVisible();
});

test('the menu of the account leads to the sheet', async ({ chat, page }) => {
  await expect(chat.field).toBeVisible();
  await page.getByTestId('user-menu-button').click();
  await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click();
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('user-menu-button')).toBeFocused();
});
