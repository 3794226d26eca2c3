import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';

/** Presses Tab until something with this name has the focus. */
async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    const focused = page.locator(':focus');
    const label =
      (await focused.count()) === 0
        ? ''
        : await focused.evaluate((element) => element.getAttribute('aria-label') ?? element.textContent);
    if (name.test(label)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`nothing named ${String(name)} can be reached by ${key}`);
}

test('the whole journey works without a mouse', async ({ chat, page }) => {
  const drawer = !(await page.getByRole('navigation', { name: 'Chats' }).isVisible());
  await expect(chat.field).toBeFocused();
  await page.keyboard.type('Explain housing risk');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('in two lines');
  await expect(chat.field).toHaveValue('Explain housing risk\nin two lines');
  await page.keyboard.press('Enter');
  await chat.seeItStream();
  await expect(chat.field).toBeFocused();

  await page.keyboard.press('Escape');
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');

  await tabTo(page, /^Regenerate reply$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(chat.field).toBeFocused();
  await chat.finish();

  await tabTo(page, /^Good reply$/, 'Shift+Tab');
  await page.keyboard.press('Space');
  await expect(page.locator(':focus')).toHaveAttribute('aria-pressed', 'true');

  await tabTo(page, /^Account of/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitemradio', { name: 'As the system' })).toBeFocused();
  await page.keyboard.press('End');
  await expect(page.getByRole('menuitem', { name: 'Log out' })).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('user-menu-button')).toBeFocused();

  await tabTo(page, /^New chat$/, drawer ? 'Shift+Tab' : 'Tab');
  await page.keyboard.press('Enter');
  await expect(chat.field).toBeFocused();

  if (drawer) {
    await tabTo(page, /^Open the list of chats$/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('navigation', { name: 'Chats' })).toBeVisible();
  }
  await tabTo(page, /^Explain housing risk/, drawer ? 'Tab' : 'Shift+Tab');
  await page.keyboard.press('F2');
  await expect(page.getByRole('textbox', { name: 'Name of this chat' })).toBeFocused();
  await page.keyboard.type('Housing');
  await page.keyboard.press('Enter');
  await expect(page.locator(':focus')).toHaveText('Housing');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Pinned' })).toBeVisible();

  await tabTo(page, /^Housing/, 'Shift+Tab');
  await page.keyboard.press('Delete');
  await expect(page.getByTestId('session-row')).toHaveCount(0);
  await expect(page.locator(':focus')).toHaveAccessibleName('New chat');
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('link', { name: 'Housing' })).toBeVisible();

  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('explain');
  await expect(page.getByTestId('search-option').locator('mark').first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.locator('article:focus')).toHaveAttribute('data-found', '');
});

test('the skip link leads to the message box', async ({ chat, page }) => {
  await page.reload();
  await expect(chat.field).toBeFocused();
  await tabTo(page, /^Skip to the conversation$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(chat.field).toBeFocused();
});

test('Enter that belongs to an input method does not send', async ({ chat, page }) => {
  await chat.field.fill('にほん');
  await chat.field.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true });
  await expect(chat.field).toHaveValue('にほん');
  await expect(page).toHaveURL(`${new URL(chat.server.link).origin}/`);
});
