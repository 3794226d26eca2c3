import { lookAt } from './screen';
import { expect, test } from './fixtures';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

const clipboard = () => navigator.clipboard.readText();

test('a reply is copied with its marks or without, a question as it is', async ({ chat, page }) => {
  await chat.ask('Show me *everything* you can write');
  await chat.finish();
  const reply = chat.lastReply();

  await reply.getByRole('button', { name: 'Copy reply' }).click();
  const marked = await page.evaluate(clipboard);
  expect(marked).toMatch(/\*\*|^#|^- |\|/m);

  const menu = reply.getByRole('button', { name: 'More about this reply' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Copy as plain text' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(menu).toBeFocused();
  // The status of the first copy may still stand there.
  await expect.poll(() => page.evaluate(clipboard)).not.toBe(marked);
  const plain = await page.evaluate(clipboard);
  expect(plain).not.toMatch(/\*\*|^#|^```/m);
  expect(plain.length).toBeGreaterThan(100);

  await chat.questions.first().getByRole('button', { name: 'Copy message' }).click({ force: true });
  expect(await page.evaluate(clipboard)).toBe('Show me *everything* you can write');
});

test('details tell what a reply took, what it was told and by which ids to find it', async ({ chat, page, server }) => {
  await chat.ask('What was said first');
  await chat.finish();
  await chat.ask('And then');
  await chat.finish();
  const answer = page.waitForResponse((response) => response.url().endsWith('/chat-api/chat'));
  await chat.ask('Hello, short please');
  const requestId = (await answer).headers()['x-request-id'] ?? '';
  await chat.finish();
  const reply = chat.lastReply();
  const metrics = reply.getByTestId('metrics');
  await metrics.focus();
  await page.keyboard.press('Enter');

  const receipt = page.getByRole('dialog', { name: 'About this reply' });
  await expect(receipt.getByRole('heading', { name: 'About this reply' })).toBeFocused();
  await expect(receipt.getByRole('region', { name: 'Time' }).getByRole('listitem')).toHaveText([
    /^Until the model was asked[\d.]+ m?s$/,
    /^Until its answer began[\d.]+ m?s$/,
    /^Until the first token[\d.]+ m?s$/,
    /^Until the end[\d.]+ m?s$/,
  ]);
  await expect(receipt).toContainText('The question and the 4 messages before it.');
  await expect(receipt).toContainText('“What was said first”');
  await expect(receipt).toContainText(requestId);
  await lookAt(page, 'details of a reply');

  await receipt.getByRole('button', { name: 'Copy all' }).click();
  await expect(page.getByTestId('announcer')).toHaveText('Copied');
  const copied = await page.evaluate(clipboard);
  const theirs = /^Databricks request: (\S+)$/m.exec(copied)?.[1] ?? 'none';
  expect(copied).toContain(`Request: ${requestId}`);
  // The ids are those of the log.
  expect(server.log().split('\n')).toContainEqual(
    expect.stringMatching(new RegExp(`reply ended.*${requestId}.*${theirs}|${requestId}.*reply ended.*${theirs}`)),
  );

  await page.keyboard.press('Escape');
  await expect(receipt).toHaveCount(0);
  await expect(metrics).toBeFocused();

  await reply.getByRole('button', { name: 'More about this reply' }).click();
  await page.getByRole('menuitem', { name: 'Details' }).click();
  await receipt.getByRole('button', { name: 'Go to that message' }).click();
  await expect(receipt).toHaveCount(0);
  await expect(chat.questions.first()).toBeFocused();
});
