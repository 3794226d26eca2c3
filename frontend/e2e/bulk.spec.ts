import { lookAt } from './screen';
import { expect, test } from './fixtures';
import type { ChatPage } from './pages/chat-page';
import { busyStore, refuse } from './refuse';

test.use({ model: 'emu-speed-100000' });

/** Chats called "Chat 1" and so on, the last one the newest. */
async function makeChats(chat: ChatPage, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    const answer = await chat.page.request.post(`${chat.server.url}/chat-api/chat`, {
      headers: { Origin: chat.server.url },
      data: { session_id: `chat-${number}`, content: `Chat ${number}` },
    });
    expect(answer.status()).toBe(200);
  }
  await chat.page.reload();
  await chat.openList();
  await expect(chat.page.getByTestId('session-row')).toHaveCount(Math.min(count, 40));
}

test('several chats are archived, deleted and pinned together, with one undo', async ({ chat, page }) => {
  await makeChats(chat, 6);
  const rows = page.getByTestId('session-row');
  const bar = page.getByTestId('bulk-bar');
  const box = (name: string) => page.getByRole('checkbox', { name, exact: true });

  await test.step('select by the menu and by clicks', async () => {
    await chat.options('Chat 6', 'Select');
    await expect(bar).toContainText('1 selected');
    await expect(box('Chat 6')).toBeFocused();
    await box('Chat 3').click({ modifiers: ['Shift'] });
    await expect(bar).toContainText('4 selected');
    await box('Chat 4').uncheck();
    await expect(bar).toContainText('3 selected');
    await lookAt(page, 'selection');
  });

  await test.step('archive, and undo all of it', async () => {
    let most = 0;
    let now = 0;
    await page.route('**/chat-api/chats/*', async (route) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((done) => setTimeout(done, 50));
      await route.continue();
      now -= 1;
    });
    await bar.getByRole('button', { name: 'Archive' }).click();
    await expect(rows).toHaveCount(3);
    await expect(bar).toHaveCount(0);
    await expect(page.getByTestId('toast')).toHaveCount(1);
    await expect(page.getByTestId('toast')).toContainText('3 chats archived');
    await page.getByTestId('undo').click();
    await expect(rows).toHaveCount(6);
    // The list shows it before the server has it, and a reload would cut that off.
    await expect(async () => {
      const answer = await page.request.get(`${chat.server.url}/chat-api/chats?limit=50&messages=none`);
      expect(((await answer.json()) as { sessions: object[] }).sessions).toHaveLength(6);
    }).toPass();
    await page.reload();
    await chat.openList();
    await expect(rows).toHaveCount(6);
    expect(most).toBeLessThanOrEqual(4);
    await page.unroute('**/chat-api/chats/*');
  });

  await test.step('Ctrl and a click select; pin', async () => {
    await chat.row('Chat 2').click({ modifiers: ['Control'] });
    await box('Chat 1').click();
    await bar.getByRole('button', { name: 'Pin', exact: true }).click();
    await expect(page.getByRole('region', { name: 'Pinned' }).getByRole('link')).toHaveCount(2);
    await page.reload();
    await chat.openList();
    await expect(page.getByRole('region', { name: 'Pinned' }).getByRole('link')).toHaveCount(2);
  });

  await test.step('delete all, and bring them back', async () => {
    await chat.choose('Chat 5');
    await chat.openList();
    await chat.row('Chat 6').click({ modifiers: ['Control'] });
    await page.getByTestId('select-all').click();
    await expect(bar).toContainText('6 selected');
    await bar.getByRole('button', { name: 'Delete' }).click();
    await expect(rows).toHaveCount(0);
    await expect(page.getByTestId('welcome-message')).toBeVisible();
    await page.keyboard.press('Control+z');
    await expect(page.getByTestId('chat-title')).toHaveText('Chat 5');
    await chat.openList();
    await expect(rows).toHaveCount(6);
    await page.reload();
    await chat.openList();
    await expect(rows).toHaveCount(6);
  });
});

test('the keyboard alone selects, acts and leaves', async ({ chat, page }) => {
  await makeChats(chat, 3);
  const bar = page.getByTestId('bulk-bar');
  await chat.row('Chat 3').focus();
  await page.keyboard.press('x');
  await expect(bar).toContainText('1 selected');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('checkbox', { name: 'Chat 2' })).toBeFocused();
  await page.keyboard.press('Space');
  await expect(bar).toContainText('2 selected');
  await page.keyboard.press('x');
  await expect(bar).toContainText('1 selected');
  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
  await expect(chat.row('Chat 3')).toBeFocused();
});

test('the archive and the trash act on several, too', async ({ chat, page }) => {
  await makeChats(chat, 4);
  await chat.row('Chat 4').click({ modifiers: ['Control'] });
  await page.getByTestId('select-all').click();
  await page.getByTestId('bulk-archive').click();
  await page.getByTestId('open-archive').click();
  const rows = page.getByTestId('collection-row');
  await expect(rows).toHaveCount(4);

  await test.step('out of the archive, and from there to the trash', async () => {
    await page.getByTestId('select-some').click();
    await page.getByRole('checkbox', { name: 'Chat 1' }).check();
    await lookAt(page, 'selection in the archive');
    await page.getByTestId('bulk-unarchive').click();
    await expect(rows).toHaveCount(3);
    await chat.openList();
    await expect(chat.row('Chat 1')).toBeVisible();
    await chat.closeList();
    await page.getByTestId('select-some').click();
    await page.getByTestId('select-all').click();
    await page.getByTestId('bulk-delete').click();
    await expect(rows).toHaveCount(0);
  });

  await test.step('restore one, erase the others after a question', async () => {
    await chat.openList();
    await page.getByTestId('open-trash').click();
    await expect(rows).toHaveCount(3);
    await page.getByTestId('select-some').click();
    await page.getByRole('checkbox', { name: 'Chat 2' }).check();
    await page.getByTestId('bulk-restore').click();
    await expect(rows).toHaveCount(2);
    await page.getByTestId('select-some').click();
    await page.getByTestId('select-all').click();
    await page.getByTestId('bulk-erase').click();
    await expect(page.getByRole('dialog', { name: 'Delete 2 chats for good?' })).toBeVisible();
    await lookAt(page, 'question before several are erased');
    await page.keyboard.press('Escape');
    await expect(rows).toHaveCount(2);
    await page.getByTestId('bulk-erase').click();
    await page.getByTestId('confirm-bulk-erase').click();
    await expect(page.getByText('The trash is empty.')).toBeVisible();
    await page.reload();
    await expect(page.getByText('The trash is empty.')).toBeVisible();
    await chat.openList();
    await page.getByTestId('open-archive').click();
    await expect(rows).toHaveText([/Chat 2/]);
  });
});

test('what the server refuses is shown as it was, and said once', async ({ chat, page }) => {
  await makeChats(chat, 3);
  await refuse(page, '**/chat-api/chats/chat-2', busyStore, ['DELETE']);
  await chat.row('Chat 3').click({ modifiers: ['Control'] });
  await page.getByTestId('select-all').click();
  await page.getByTestId('bulk-delete').click();
  await expect(page.getByRole('alert')).toContainText('1 chat could not be changed. The store is busy.');
  await expect(page.getByTestId('session-row')).toHaveCount(1);
  await expect(chat.row('Chat 2')).toBeVisible();
});

test('a toast leaves the bar of the selection free', async ({ chat, page }) => {
  await makeChats(chat, 4);
  for (const name of ['Chat 4', 'Chat 3', 'Chat 2']) await chat.options(name, 'Archive');
  await expect(page.getByTestId('toast')).toHaveCount(3);
  await chat.options('Chat 1', 'Select');
  const bar = page.getByTestId('bulk-bar');
  await expect(bar).toBeVisible();
  const toasts = page.getByTestId('toasts');
  const below = async () => {
    const [top, bottom] = await Promise.all([
      bar.evaluate((element) => element.getBoundingClientRect().top),
      toasts.evaluate((element) => element.getBoundingClientRect().bottom),
    ]);
    return top - bottom;
  };
  await expect.poll(below).toBeGreaterThanOrEqual(0);
  await lookAt(page, 'toasts above the selection');
  await bar.getByRole('button', { name: 'Pin' }).click();
  await expect(bar).toHaveCount(0);
  const rest = await toasts.evaluate((element) => innerHeight - element.getBoundingClientRect().bottom);
  expect(Math.round(rest)).toBe(68);
});
