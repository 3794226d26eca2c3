import { expect, test } from './fixtures';
import { busyStore, refuse } from './refuse';

test.use({ model: 'emu-speed-100000' });

const many = 45;
const atOnce = 3;

test('a long list of chats is loaded in pages, and each chat opens', async ({ chat, page }) => {
  const begin = async (number: number) => {
    const answer = await page.request.post(`${chat.server.url}/chat-api/chat`, {
      headers: { Origin: chat.server.url },
      data: { session_id: `chat-${number}`, content: `Question ${number}` },
    });
    expect(answer.status()).toBe(200);
  };
  const numbers = Array.from({ length: many }, (_, index) => index + 1);
  for (let first = 0; first < many; first += atOnce) await Promise.all(numbers.slice(first, first + atOnce).map(begin));
  await page.reload();
  await chat.openList();
  const rows = page.getByTestId('session-row');
  await expect(rows).toHaveCount(40);
  await expect(page.getByRole('button', { name: 'Show older chats' })).toBeAttached();
  await rows.last().scrollIntoViewIfNeeded();
  await expect(rows).toHaveCount(many);
  await expect(page.getByRole('button', { name: 'Show older chats' })).toHaveCount(0);
  await chat.choose('Question 1');
  await expect(chat.questions).toHaveText([/Question 1$/]);
  await chat.openList();
  await expect(page.getByRole('heading', { name: 'Today' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Question 1', exact: true })).toHaveAttribute('aria-current', 'page');
});

test('the thumbs of an earlier visit are shown (B8)', async ({ chat, page }) => {
  await chat.ask('Hello');
  await chat.finish();
  await chat.lastReply().getByRole('button', { name: 'Good reply' }).click();
  await expect(page.getByTestId('announcer')).toHaveText('Thank you for the feedback');
  await page.goto(chat.server.url);
  await chat.choose('Hello');
  await expect(chat.lastReply().getByRole('button', { name: 'Good reply' })).toHaveAttribute('aria-pressed', 'true');
  await chat.lastReply().getByRole('button', { name: 'Good reply' }).click();
  await expect(page.getByTestId('announcer')).toHaveText('Rating withdrawn');
  await page.reload();
  await expect(chat.lastReply().getByRole('button', { name: 'Good reply' })).toHaveAttribute('aria-pressed', 'false');
});

test('a rating that the server does not keep is taken back, and said', async ({ chat, page }) => {
  await chat.ask('Hello');
  await chat.finish();
  await refuse(page, '**/rate?*', busyStore);
  const down = chat.lastReply().getByRole('button', { name: 'Bad reply' });
  await down.click();
  await expect(page.getByRole('alert')).toContainText('Your rating was not saved. The store is busy.');
  await expect(down).toHaveAttribute('aria-pressed', 'false');
});
