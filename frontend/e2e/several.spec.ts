import { expect, test } from './fixtures';

const subjects = ['tenancy', 'weather', 'bicycles', 'chemistry'];

test('replies in several chats at once end in their own chats', async ({ chat, page }) => {
  for (const subject of subjects) {
    await chat.ask(`Tell me about ${subject}`);
    await chat.seeItStream();
    await chat.newChat();
  }
  for (const subject of subjects) {
    await chat.choose(`Tell me about ${subject}`);
    await chat.finish();
    await expect(chat.questions).toHaveText([new RegExp(`about ${subject}$`)]);
    await expect(chat.replies).toHaveCount(1);
    const words = await chat.words();
    // The emulator repeats what it was asked about.
    expect(words).toContain(subject);
    for (const other of subjects) if (other !== subject) expect(words).not.toContain(other);
    await page.reload();
    await expect.poll(() => chat.words()).toBe(words);
  }
});

test('the page answers while replies stream in many tabs', async ({ chat, context }) => {
  await chat.ask('Tell me about tenancy');
  const tabs = [];
  for (let count = 0; count < 4; count += 1) {
    const tab = await context.newPage();
    await tab.goto(chat.page.url());
    tabs.push(tab);
  }
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'complete', { timeout: 60_000 });
  for (const tab of tabs)
    await expect(tab.locator('article[data-role="assistant"]')).toHaveAttribute('data-status', 'complete');
});
