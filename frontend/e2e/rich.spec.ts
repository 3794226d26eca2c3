import { expectClean } from './axe';
import { richReply } from './rich-reply';
import { expect, test } from './scripted';

test('axe finds nothing in a reply that has everything', async ({ page, reply }) => {
  const chat = await reply(richReply);
  const body = chat.lastReply().getByTestId('reply-body');
  await expect(body.locator('.katex')).toHaveCount(2);
  await chat.lastReply().getByRole('button', { name: 'Show diagram' }).click();
  await expect(body.locator('iframe')).toHaveAttribute('data-drawn', 'true');
  await expect(body.getByRole('button', { name: /^Sort by/ })).toHaveCount(4);
  await expectClean(page, 'a rich reply');
  expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
});
