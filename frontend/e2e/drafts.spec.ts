import { expect, otherDevice, test } from './fixtures';
import { busyStore, refuse, tooMany } from './refuse';

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

  await refuse(page, '**/chat-api/chat', tooMany);
  await chat.field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Your message was not sent. Too many messages.');
  await expect(page.getByRole('alert')).toContainText('req-1');
  await expect(chat.field).toHaveValue('for this chat');
  await expect(chat.questions).toHaveCount(1);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByTestId('error-banner')).toHaveCount(0);
});

test('a first message that is refused leads back to the welcome screen, text and all', async ({ chat, page }) => {
  await chat.leaveHistoryOut();
  await refuse(page, '**/chat-api/chat', busyStore);
  await chat.field.fill('Precious words');
  await chat.field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('The store is busy.');
  await expect(page.getByTestId('welcome-message')).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  await expect(chat.field).toHaveValue('Precious words');
  expect(await chat.history()).toBe(false);
});

test('a draft follows its writer to another device, and leaves when it is sent', async ({ chat, page, browser }) => {
  await chat.ask('Hello');
  await chat.finish();
  const other = await otherDevice(chat, browser);
  await other.page.goto(page.url());
  await expect(other.replies).toHaveCount(1);

  await chat.field.fill('begun here');
  await expect(other.field).toHaveValue('begun here');
  await other.field.fill('begun here, ended there');
  await expect(chat.field).toHaveValue('begun here, ended there');

  await test.step('what is being typed is not taken away', async () => {
    await other.page.route('**/chat-api/drafts/**', (route) => route.abort());
    await other.field.fill('typed without a connection');
    await chat.field.fill('typed meanwhile');
    await expect
      .poll(async () =>
        (await (await page.request.get(`${chat.server.url}/chat-api/drafts`)).text()).includes('typed meanwhile'),
      )
      .toBe(true);
    await expect(other.field).toHaveValue('typed without a connection');
    await other.page.unroute('**/chat-api/drafts/**');
    await other.field.press('End');
    await other.field.pressSequentially('!');
    await expect(chat.field).toHaveValue('typed without a connection!');
  });

  await chat.field.press('Enter');
  await expect(chat.questions).toHaveCount(2);
  await expect(other.field).toHaveValue('');
  await expect(other.questions).toHaveCount(2);
  await expect
    .poll(
      async () =>
        ((await (await page.request.get(`${chat.server.url}/chat-api/drafts`)).json()) as { drafts: unknown[] }).drafts,
    )
    .toEqual([]);
  await other.page.context().close();
});

test('a draft is saved even when the page is left at once', async ({ chat, page, browser }) => {
  await chat.field.fill('half a thought');
  await page.close();
  const context = await browser.newContext();
  await context.addCookies(await page.context().cookies());
  const other = await context.newPage();
  await other.goto(chat.server.url);
  await expect(other.getByRole('textbox', { name: 'Message' })).toHaveValue('half a thought');
  await context.close();
});

test('Include History is remembered and sent', async ({ chat, page }) => {
  expect(await chat.history()).toBe(true);
  await chat.leaveHistoryOut();
  await page.reload();
  expect(await chat.history()).toBe(false);
  const request = page.waitForRequest('**/chat-api/chat');
  await page.getByTestId('suggestion-button').first().click();
  expect((await request).postDataJSON()).toMatchObject({ settings: { include_history: false } });
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
