import { expect, test } from './fixtures';

test.describe('while a reply is written', () => {
  test.use({ model: 'emu-speed-20' });

  test('messages wait in order, can be changed, and are sent one after the other', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    await chat.seeItStream();
    for (const words of ['Second', 'Third', 'Fourth']) {
      await chat.field.fill(words);
      await page.getByRole('button', { name: /^Queue message/ }).click();
      await expect(chat.field).toHaveValue('');
    }
    const queue = page.getByTestId('queue');
    const items = queue.getByTestId('queue-item');
    await expect(items).toHaveCount(3);
    await expect(chat.questions).toHaveCount(1);

    await queue.getByRole('button', { name: 'Remove “Third” from the queue' }).click();
    await expect(items).toHaveCount(2);
    await queue.getByRole('button', { name: 'Edit “Fourth”' }).click();
    await page.getByRole('textbox', { name: 'Waiting message' }).fill('Fourth, please');
    await page.keyboard.press('Enter');
    await queue.getByRole('button', { name: 'Move “Fourth, please” to the front' }).click();
    await expect(items.first()).toContainText('Fourth, please');

    await page.reload();
    await expect(items).toHaveText([/Fourth, please/, /Second/]);

    await chat.stopButton.click();
    await expect(queue).toContainText('wait for you');
    await queue.getByRole('button', { name: 'Send the next one' }).click();
    await expect(chat.questions.last()).toContainText('Fourth, please');
    await expect(items).toHaveText([/Second/]);
  });
});

test('the server sends what waits, also when no page is open', async ({ chat, page, context }) => {
  await chat.ask('Explain housing risk');
  await chat.field.fill('What does DHB mean?');
  await chat.field.press('Enter');
  await expect(page.getByTestId('queue-item').or(chat.questions.nth(1)).first()).toBeVisible();
  const address = page.url();
  await page.close();
  const later = await context.newPage();
  await later.goto(address);
  await expect(later.locator('article[data-role="user"]')).toHaveCount(2, { timeout: 60_000 });
  await expect(later.locator('article[data-role="assistant"]').last()).toHaveAttribute('data-status', 'complete', {
    timeout: 60_000,
  });
  await expect(later.getByTestId('queue')).toHaveCount(0);
});
