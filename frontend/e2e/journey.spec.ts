import { join } from 'node:path';

import { expect, test } from './fixtures';

const images = join(import.meta.dirname, '../../docs/images');

const first = 'Explain housing risk';
const second = 'Compare two ways to measure income';

test('a person signs in, chats, stops, regenerates, rates, reloads, switches and logs out', async ({
  chat,
  page,
}, info) => {
  await test.step('send, and watch it stream', async () => {
    await chat.ask(first);
    await expect(page).toHaveURL(/\/c\/[A-Za-z0-9._-]+$/);
    await chat.seeItStream();
    await expect(page).toHaveTitle(/Explain housing risk/);
  });

  await test.step('stop', async () => {
    await chat.stopButton.click();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
    await expect(chat.lastReply()).toContainText('You stopped this reply');
    expect((await chat.words()).length).toBeGreaterThan(15);
    await expect(chat.field).toBeFocused();
  });

  await test.step('regenerate in place', async () => {
    await chat.lastReply().getByRole('button', { name: 'Regenerate reply' }).click();
    await chat.finish();
    await expect(chat.replies).toHaveCount(1);
    await expect(chat.questions).toHaveCount(1);
    await expect(chat.lastReply().getByTestId('metrics')).toHaveText(/^\d+\.\d s to first token · \d+\.\d s in total$/);
  });

  await test.step('rate, withdraw, rate otherwise', async () => {
    const up = chat.lastReply().getByRole('button', { name: 'Good reply' });
    const down = chat.lastReply().getByRole('button', { name: 'Bad reply' });
    await up.click();
    await expect(up).toHaveAttribute('aria-pressed', 'true');
    await up.click();
    await expect(up).toHaveAttribute('aria-pressed', 'false');
    await down.click();
    await expect(down).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByRole('status').filter({ hasText: 'Thank you' })).toHaveCount(1);
  });

  const words = await chat.words();

  if (process.env.UPDATE_SCREENSHOTS === '1' && info.project.name.startsWith('wide-')) {
    const theme = info.project.name.slice('wide-'.length);
    await page.getByTestId('chat-content').evaluate((element) => {
      element.scrollTop = 0;
    });
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(images, `conversation-${theme}.png`) });
  }

  await test.step('reload: everything is still there', async () => {
    await page.reload();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'complete');
    await expect(chat.lastReply().getByRole('button', { name: 'Bad reply' })).toHaveAttribute('aria-pressed', 'true');
    await expect.poll(() => chat.words()).toBe(words);
  });

  await test.step('switch chats while a reply streams: nothing mixes', async () => {
    await chat.newChat();
    await chat.ask(second);
    await chat.seeItStream();
    await chat.choose(first);
    await expect(chat.replies).toHaveCount(1);
    await expect.poll(() => chat.words()).toBe(words);
    await chat.choose(second);
    await chat.finish();
    await expect(chat.questions).toHaveText([new RegExp(second)]);
    await expect(chat.replies).toHaveCount(1);
    await chat.choose(first);
    await expect.poll(() => chat.words()).toBe(words);
  });

  await test.step('delete a chat, undo, and delete it again', async () => {
    await chat.options(second, 'Delete');
    await expect(chat.row(second)).toHaveCount(0);
    await page.getByTestId('undo').click();
    await expect(chat.row(second)).toBeVisible();
    await chat.options(second, 'Delete');
    await expect(chat.row(second)).toHaveCount(0);
    await chat.closeList();
    await page.reload();
    await chat.openList();
    await expect(chat.row(first)).toBeVisible();
    await expect(chat.row(second)).toHaveCount(0);
    await chat.closeList();
  });

  await test.step('log out', async () => {
    await chat.field.fill('half a thought');
    await page.getByTestId('user-menu-button').click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
    expect(
      await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('chatbot.draft.'))),
    ).toEqual([]);
    await page.goto(`${chat.server.url}/`);
    await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  });
});
