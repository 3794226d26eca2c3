import { expect, test } from './fixtures';

test.use({ viewport: { width: 320, height: 640 } });

test('at 320 px nothing runs out of the page', async ({ chat, page }) => {
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await overflow()).toBe(0);
  await chat.ask('Explain housing risk');
  await chat.finish();
  expect(await overflow()).toBe(0);
  const column = page.getByTestId('chat-content');
  expect(await column.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  await chat.openList();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('navigation', { name: 'Chats' })).toHaveCount(0);
  await expect(page.getByTestId('sidebar-toggle')).toBeFocused();
});

test('follows the end of a reply until the reader scrolls up', async ({ chat, page }) => {
  const scroller = page.getByTestId('chat-content');
  const left = () => scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  await chat.ask('Explain housing risk');
  await expect
    .poll(() => scroller.evaluate((element) => element.scrollHeight - element.clientHeight))
    .toBeGreaterThan(200);
  expect(await left()).toBeLessThan(60);
  await scroller.hover();
  await page.mouse.wheel(0, -150);
  await expect(page.getByTestId('go-to-latest')).toBeVisible();
  const top = await scroller.evaluate((element) => element.scrollTop);
  await chat.finish();
  expect(Math.abs((await scroller.evaluate((element) => element.scrollTop)) - top)).toBeLessThan(60);
  await page.getByTestId('go-to-latest').click();
  await expect.poll(left).toBeLessThan(2);
});
