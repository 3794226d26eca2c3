import { lookAt } from './screen';
import { expect, test } from './fixtures';

test.use({ model: 'emu-speed-100000' });

test('what is chosen holds at once and after a reload', async ({ chat, page }) => {
  await page.getByTestId('user-menu-button').click();
  await page.getByTestId('open-settings').click();
  const dialog = page.getByRole('dialog', { name: 'Settings' });
  await expect(dialog).toBeVisible();
  await lookAt(page, 'settings');

  const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
  const usual = await size();
  await dialog.getByRole('radio', { name: 'Larger' }).check();
  expect(await size()).toBeGreaterThan(usual * 1.25);
  await dialog.getByRole('radio', { name: 'Dark' }).check();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await lookAt(page, 'settings, larger and dark');
  await dialog.getByRole('switch', { name: 'Continue cut replies by themselves' }).click();
  await dialog.getByRole('radio', { name: 'Ctrl Enter' }).check();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId('user-menu-button')).toBeFocused();

  await page.reload();
  expect(await size()).toBeGreaterThan(usual * 1.25);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.keyboard.press('Control+,');
  await expect(dialog.getByRole('radio', { name: 'Larger' })).toBeChecked();
  await expect(dialog.getByRole('switch', { name: 'Continue cut replies by themselves' })).toBeChecked();
  await dialog.getByRole('radio', { name: 'Normal' }).check();
  expect(await size()).toBe(usual);
  await page.getByTestId('close-settings').click();
  await expect(chat.field).toBeFocused();
});

test('the key that sends can be another', async ({ chat, page }) => {
  await expect(chat.send).toHaveAttribute('title', 'Send message (Enter)');
  await page.keyboard.press('Control+,');
  await page.getByRole('radio', { name: 'Ctrl Enter' }).check();
  await expect(page.getByTestId('settings')).toContainText('Enter begins a new line');
  await page.getByTestId('close-settings').click();
  await expect(chat.send).toHaveAttribute('title', 'Send message (Ctrl+Enter)');
  await chat.field.fill('One');
  await chat.field.press('Enter');
  await page.keyboard.type('two');
  await expect(chat.field).toHaveValue('One\ntwo');
  await chat.field.press('Control+Enter');
  await expect(chat.questions).toHaveText([/One\s*two$/]);
});

test('it can be used on a narrow screen, with the keyboard alone', async ({ chat, page }) => {
  await page.setViewportSize({ width: 390, height: 700 });
  await chat.field.focus();
  await page.keyboard.press('Control+,');
  const dialog = page.getByRole('dialog', { name: 'Settings' });
  await expect(dialog.getByRole('heading', { name: 'Settings' })).toBeFocused();
  const box = await dialog.boundingBox();
  expect(box?.width).toBeLessThanOrEqual(390);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await expect(dialog.getByRole('radio', { name: 'Large', exact: true })).toBeChecked();
  await lookAt(page, 'settings on a narrow screen');
  const wide = await dialog.evaluate((element) => element.scrollWidth - element.clientWidth);
  expect(wide).toBe(0);
});
