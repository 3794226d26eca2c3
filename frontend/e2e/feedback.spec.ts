import { expect, test } from './fixtures';
import { refuse } from './refuse';

test('a rating may say why; it outlives a reload and can be changed', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  const reply = chat.lastReply();
  const down = reply.getByRole('button', { name: 'Bad reply' });
  const panel = page.getByRole('form', { name: 'Feedback on this reply' });
  await down.click();
  await expect(down).toHaveAttribute('aria-pressed', 'true');
  await expect(panel).toContainText('What was wrong?');
  await panel.getByRole('button', { name: 'Not accurate' }).click();
  await panel.getByRole('button', { name: 'Too long' }).click();
  await panel.getByRole('button', { name: 'Too long' }).click();
  await panel.getByLabel('Comment').fill('The figure is of 2019.');
  await panel.getByRole('button', { name: 'Send' }).click();
  await expect(panel).toHaveCount(0);

  await page.reload();
  await expect(down).toHaveAttribute('aria-pressed', 'true');
  await reply.getByRole('button', { name: 'Edit feedback' }).click();
  await expect(panel.getByRole('button', { name: 'Not accurate' })).toHaveAttribute('aria-pressed', 'true');
  await expect(panel.getByRole('button', { name: 'Too long' })).toHaveAttribute('aria-pressed', 'false');
  await expect(panel.getByLabel('Comment')).toHaveValue('The figure is of 2019.');

  await reply.getByRole('button', { name: 'Good reply' }).click();
  await expect(panel).toContainText('What was good?');
  await panel.getByRole('button', { name: 'Clear' }).click();
  await panel.getByLabel('Comment').fill('');
  await panel.getByRole('button', { name: 'Send' }).click();
  await expect(panel).toHaveCount(0);
  await page.reload();
  await reply.getByRole('button', { name: 'Edit feedback' }).click();
  await expect(panel.getByRole('button', { name: 'Clear' })).toHaveAttribute('aria-pressed', 'true');
  await expect(panel.getByLabel('Comment')).toHaveValue('');
});

test('the keyboard alone does it, and nothing is lost on the way', async ({ chat, page }) => {
  await chat.ask('Hello');
  await chat.finish();
  const reply = chat.lastReply();
  const up = reply.getByRole('button', { name: 'Good reply' });
  const panel = page.getByRole('form', { name: 'Feedback on this reply' });
  await up.focus();
  await page.keyboard.press('Enter');
  await expect(panel).toBeVisible();
  await expect(up).toBeFocused();
  const accurate = panel.getByRole('button', { name: 'Accurate' });
  // What stands between the thumb and the panel is not this test's business.
  for (let steps = 0; steps < 6 && !(await accurate.evaluate((one) => one === document.activeElement)); steps += 1)
    await page.keyboard.press('Tab');
  await expect(accurate).toBeFocused();
  await page.keyboard.press('Space');
  await panel.getByLabel('Comment').focus();
  await page.keyboard.type('Half a thought');
  await page.reload();
  await expect(panel.getByLabel('Comment')).toHaveValue('Half a thought');
  await panel.getByLabel('Comment').press('Control+Enter');
  const edit = reply.getByRole('button', { name: 'Edit feedback' });
  await expect(edit).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('button', { name: 'Accurate' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(panel).toHaveCount(0);
  await expect(edit).toBeFocused();
});

test('what the server does not keep is taken back, and the words stay', async ({ chat, page }) => {
  await chat.ask('Hello');
  await chat.finish();
  const reply = chat.lastReply();
  const panel = page.getByRole('form', { name: 'Feedback on this reply' });
  await reply.getByRole('button', { name: 'Good reply' }).click();
  await panel.getByLabel('Comment').fill('Keep me');
  await refuse(page, '**/rate?*', { status: 503, code: 'storage_unavailable', detail: 'Not now.', request_id: 'r' });
  await panel.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText('Your rating was not saved.')).toBeVisible();
  await expect(panel.getByLabel('Comment')).toHaveValue('Keep me');
  await page.unroute('**/rate?*');
  await panel.getByRole('button', { name: 'Send' }).click();
  await expect(panel).toHaveCount(0);
  await expect(reply.getByRole('button', { name: 'Edit feedback' })).toBeVisible();
});

test('a second press takes all of it back', async ({ chat, page }) => {
  await chat.ask('Hello');
  await chat.finish();
  const reply = chat.lastReply();
  const up = reply.getByRole('button', { name: 'Good reply' });
  const panel = page.getByRole('form', { name: 'Feedback on this reply' });
  await up.click();
  await panel.getByRole('button', { name: 'Skip' }).click();
  await expect(reply.getByRole('button', { name: 'Say more' })).toBeVisible();
  await up.click();
  await expect(up).toHaveAttribute('aria-pressed', 'false');
  await expect(panel).toHaveCount(0);
  await expect(reply.getByRole('button', { name: 'Say more' })).toHaveCount(0);
});
