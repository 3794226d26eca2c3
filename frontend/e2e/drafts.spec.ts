import { expect, test } from './fixtures';

test('what is typed is kept per chat, over a reload, and comes back if sending fails', async ({ chat, page }) => {
  await chat.field.fill('for the new chat');
  await page.reload();
  await expect(chat.field).toHaveValue('for the new chat');

  await chat.field.fill('Hello');
  await chat.field.press('Enter');
  await chat.finish();
  await chat.field.fill('for this chat');
  await chat.newChat();
  await expect(chat.field).toHaveValue('');
  await chat.choose('Hello');
  await expect(chat.field).toHaveValue('for this chat');

  await page.route('**/chat-api/chat', (route) => route.fulfill({ status: 429, contentType: 'application/problem+json', body: JSON.stringify({ code: 'rate_limited', detail: 'Too many messages.', request_id: 'req-1' }) }));
  await chat.field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Your message was not sent. Too many messages.');
  await expect(page.getByRole('alert')).toContainText('req-1');
  await expect(chat.field).toHaveValue('for this chat');
  await expect(chat.questions).toHaveCount(1);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByTestId('error-banner')).toHaveCount(0);
});

test('a first message that is refused leads back to the welcome screen, text and all', async ({ chat, page }) => {
  await page.route('**/chat-api/chat', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ code: 'storage_unavailable', detail: 'The store is busy.' }) }));
  await chat.field.fill('Precious words');
  await chat.field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('The store is busy.');
  await expect(page.getByTestId('welcome-message')).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  await expect(chat.field).toHaveValue('Precious words');
});

test('Include History is remembered and sent', async ({ chat, page }) => {
  const toggle = page.getByRole('switch', { name: 'Include History' });
  await expect(toggle).toBeChecked();
  await toggle.click();
  await page.reload();
  await expect(toggle).not.toBeChecked();
  const request = page.waitForRequest('**/chat-api/chat');
  await page.getByTestId('suggestion-button').first().click();
  expect((await request).postDataJSON()).toMatchObject({ include_history: false });
  await chat.finish();
});

test('a message over the limit is refused before it is sent', async ({ chat, page }) => {
  const limit = await page.evaluate(async () => {
    const answer = await fetch('/chat-api/config');
    const config = (await answer.json()) as { limits: { content_bytes: number } };
    return config.limits.content_bytes;
  });
  await chat.field.fill('é'.repeat(limit / 2 + 1));
  await expect(page.getByRole('alert')).toContainText('too long');
  await expect(chat.send).toBeDisabled();
});
