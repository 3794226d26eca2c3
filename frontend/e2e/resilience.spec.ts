import type { Page } from '@playwright/test';

import { expect, test, through } from './fixtures';
import { ChatPage } from './pages/chat-page';
import { startProxy } from './proxy';
import type { Server } from './server';
import { refuse } from './refuse';

test('a reload in the middle of a reply loses nothing', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.seeItStream();
  await page.reload();
  await chat.seeItStream();
  await chat.finish();
  const words = await chat.words();
  await page.reload();
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'complete');
  await expect.poll(() => chat.words()).toBe(words);
});

test('a lost connection in the middle of a reply is taken up again', async ({ page, server }) => {
  const wire = await startProxy(Number(new URL(server.url).port));
  const chat = new ChatPage(page, through(server, wire.port));
  await chat.signIn();
  await chat.ask('Explain housing risk');
  await chat.seeItStream();
  wire.cut();
  await expect(page.getByTestId('offline-banner')).toBeVisible();
  await expect(page.getByTestId('reconnecting')).toBeVisible();
  wire.mend();
  await expect(page.getByTestId('offline-banner')).toHaveCount(0);
  await chat.finish();
  const words = await chat.words();
  await page.reload();
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'complete');
  await expect.poll(() => chat.words()).toBe(words);
  wire.close();
});

/** What the server holds of the last reply, word for word. */
async function stored(server: Server, page: Page): Promise<string> {
  const answer = await page.request.get(`${server.url}/chat-api/chats/${page.url().split('/').at(-1) ?? ''}`);
  const chat = (await answer.json()) as { messages: { content: string }[] };
  return chat.messages.at(-1)?.content ?? '';
}

test('a proxy that cuts every stream at any byte takes no character away and adds none', async ({
  page,
  server,
}, info) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.log(`${info.title}: SEED=${seed}`);
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const wire = await startProxy(Number(new URL(server.url).port), { bytes: () => 250 + Math.floor(random() * 2500) });
  const seen = through(server, wire.port);
  const chat = new ChatPage(page, seen);
  await chat.signIn();
  await chat.ask('Explain housing risk');
  await chat.finish();
  const words = await chat.words();
  const content = await stored(seen, page);
  expect(content.length).toBeGreaterThan(200);
  await page.reload();
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'complete');
  await expect.poll(() => chat.words()).toBe(words);
  await expect(chat.questions).toHaveCount(1);
  await expect(chat.replies).toHaveCount(1);
  wire.close();
});

test('a proxy that lets no stream live long is no trouble', async ({ page, server }) => {
  const wire = await startProxy(Number(new URL(server.url).port), { milliseconds: 700 });
  const chat = new ChatPage(page, through(server, wire.port));
  await chat.signIn();
  await chat.ask('Explain housing risk');
  await chat.finish();
  await expect(page.getByTestId('offline-banner')).toHaveCount(0);
  const words = await chat.words();
  await page.reload();
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'complete');
  await expect.poll(() => chat.words()).toBe(words);
  wire.close();
});

test('two tabs show the same reply as it is written', async ({ chat, context }) => {
  await chat.ask('Explain housing risk');
  await chat.seeItStream();
  const other = await context.newPage();
  await other.goto(chat.page.url());
  const reply = other.locator('article[data-role="assistant"]').last();
  await expect(reply).toHaveAttribute('data-status', 'streaming');
  await chat.finish();
  await expect(reply).toHaveAttribute('data-status', 'complete');
  await expect.poll(() => chat.wordsOf(reply)).toBe(await chat.words());
});

test('a server that is gone is said, and its return is noticed', async ({ chat, page, server }) => {
  await chat.ask('Hello');
  await chat.finish();
  await chat.field.fill('Are you there?');
  await server.kill();
  await chat.field.press('Enter');
  await expect(page.getByTestId('offline-banner')).toBeVisible();
  await expect(chat.field).toHaveValue('Are you there?');
  await server.restart();
  await expect(page.getByTestId('offline-banner')).toHaveCount(0);
});

test('whoever is signed out is told how to sign in, and keeps what was typed', async ({ chat, page }) => {
  await chat.ask('Hello');
  await chat.finish();
  const address = page.url();
  await refuse(page, '**/chat-api/**', { status: 401, code: 'unauthenticated', detail: 'Sign in.' });
  await chat.field.fill('Do not lose me');
  await chat.field.press('Enter');
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeFocused();
  await expect(page.getByText('open the sign-in link')).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('Still signed out.')).toBeVisible();
  await page.unroute('**/chat-api/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page).toHaveURL(address);
  await expect(chat.field).toHaveValue('Do not lose me');
});

test('without a cookie the page asks to sign in, and a used link says so', async ({ chat, browser }) => {
  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  await page.goto(`${chat.server.url}/c/any-chat`);
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  await page.goto(chat.server.link);
  await expect(page.getByRole('alert')).toContainText('not valid any more');
  await stranger.close();
});

test('without a network what was read stays readable, and what is typed waits', async ({ chat, page, context }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await chat.newChat();
  await chat.ask('Hello, short please');
  await chat.finish();

  await context.setOffline(true);
  await expect(page.getByTestId('offline-banner')).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('cannot be reached');
  await chat.choose('Explain housing risk');
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'complete');
  expect((await chat.words()).length).toBeGreaterThan(200);
  await chat.field.fill('Written on a train');
  await chat.field.press('Enter');
  await expect(chat.field).toHaveValue('Written on a train');
  await expect(chat.replies).toHaveCount(1);

  await context.setOffline(false);
  await expect(page.getByTestId('offline-banner')).toHaveCount(0);
  await expect(chat.field).toHaveValue('Written on a train');
  await chat.field.press('Enter');
  await expect(chat.field).toHaveValue('');
  await expect(chat.replies).toHaveCount(2);
  await chat.finish();
  await expect(chat.questions).toHaveCount(2);
});
