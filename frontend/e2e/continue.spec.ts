import { expect, test } from './fixtures';

test.describe('a reply that was stopped', () => {
  test.use({ model: 'emu-speed-20' });

  test('says after how much, and goes on where it ended', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    await chat.seeItStream();
    await chat.stopButton.click();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
    const note = chat.lastReply().getByTestId('reply-note');
    await expect(note).toContainText(/You stopped this reply after (about )?\d+ tokens/);
    const before = await chat.words();

    await page.reload();
    await note.getByRole('button', { name: 'Continue' }).click();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'streaming');
    await expect.poll(async () => (await chat.words()).length).toBeGreaterThan(before.length + 10);
    const partial = await chat.words();
    // Markup that was cut in two is shown as it is until it is whole.
    const plain = (shown: string) => shown.replaceAll(/[\s*#`|-]+/g, ' ').trim();
    const start = plain(before).slice(0, 15);
    expect(plain(partial).split(start)).toHaveLength(2);
    expect(plain(partial).startsWith(start)).toBe(true);
    await page.reload();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'streaming');
    await expect.poll(async () => (await chat.words()).length).toBeGreaterThan(partial.length);
    await expect(chat.replies).toHaveCount(1);
  });
});

test.describe('a server that dies', () => {
  test.use({ model: 'emu-speed-20' });

  test('its reply goes on by itself where that was chosen', async ({ chat, page, server }) => {
    await page.getByTestId('user-menu-button').click();
    await page.getByTestId('open-settings').click();
    await page.getByRole('switch', { name: 'Continue cut replies by themselves' }).click();
    await page.getByTestId('close-settings').click();
    await chat.ask('Explain housing risk');
    await chat.seeItStream();
    const before = (await chat.words()).slice(0, 15);
    await server.kill();
    const link = await server.restart();
    const signedOut = page.getByTestId('signed-out');
    const streaming = page.locator('article[data-role="assistant"][data-status="streaming"]');
    await expect(signedOut.or(streaming).first()).toBeVisible({ timeout: 30_000 });
    if (await signedOut.isVisible()) {
      await page.goto(link);
      await chat.choose('Explain housing risk');
    }
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'streaming', { timeout: 30_000 });
    expect(await chat.words()).toContain(before);
    await expect(chat.replies).toHaveCount(1);
  });
});
