import { expect, test } from './fixtures';

test.describe('a model that reasons', () => {
  test.use({ model: 'databricks-claude-sonnet-5-thinking' });

  test('its reasoning stands apart, folded, and is kept', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    await chat.finish();
    const reasoning = chat.lastReply().getByTestId('reasoning');
    const inside = reasoning.locator('div');
    await expect(inside).toBeHidden();
    await reasoning.locator('summary').click();
    await expect(inside).toBeVisible();
    const words = await inside.innerText();
    expect(words.length).toBeGreaterThan(10);
    await page.reload();
    await chat.lastReply().getByTestId('reasoning').locator('summary').click();
    await expect(inside).toHaveText(words);
  });
});

test.describe('a model that refuses', () => {
  test.use({ model: 'emu-guardrail' });

  test('its reason is shown once, as an error', async ({ chat, page }) => {
    await chat.ask('Something forbidden');
    const look = async () => {
      await expect(chat.lastReply()).toHaveAttribute('data-status', 'error');
      await expect(chat.lastReply().getByTestId('reply-note')).toContainText(
        'A content rule of the workspace blocked this message',
      );
      await expect(chat.lastReply().getByText('A content rule')).toHaveCount(1);
      await expect(chat.lastReply().getByRole('button', { name: 'Copy reply' })).toHaveCount(0);
    };
    await look();
    await page.reload();
    await look();
    await expect(chat.field).toBeEnabled();
  });
});

test.describe('a model whose connection breaks', () => {
  test.use({ model: 'emu-cut-midline' });

  test('what came is kept, and trying again is offered', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    await expect(chat.lastReply().getByTestId('reply-note')).toBeVisible();
    const words = await chat.words();
    expect(words.length).toBeGreaterThan(20);
    await page.reload();
    await expect.poll(() => chat.words()).toBe(words);
    await chat.lastReply().getByRole('button', { name: 'Try again' }).click();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'streaming');
    await expect(chat.lastReply().getByTestId('reply-note')).toBeVisible();
    await expect(chat.replies).toHaveCount(1);
  });
});

test.describe('a model that never answers', () => {
  test.use({ model: 'emu-stall' });

  test('waiting is shown, and can be stopped', async ({ chat }) => {
    await chat.ask('Hello?');
    await expect(chat.lastReply().getByTestId('waiting')).toHaveText(/^Connecting to .+…$/);
    await chat.stopButton.click();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
  });
});

test.describe('a long and fast reply', () => {
  test.use({ model: 'emu-long' });

  test('arrives whole', async ({ chat, page }) => {
    await chat.ask('Tell me everything');
    await chat.finish();
    const words = await chat.words();
    expect(words.length).toBeGreaterThan(10_000);
    await page.reload();
    await expect.poll(() => chat.words()).toBe(words);
  });
});

test.describe('a server that dies', () => {
  test.use({ model: 'emu-speed-20' });

  test('its reply is shown as cut off, with its text, after the restart', async ({ chat, page, server }) => {
    await chat.ask('Explain housing risk');
    await chat.seeItStream();
    await server.kill();
    const seen = (await chat.words()).slice(0, 15);
    const link = await server.restart();
    await expect(page.getByTestId('offline-banner')).toHaveCount(0);
    const signedOut = page.getByTestId('signed-out');
    const note = chat.lastReply().getByTestId('reply-note');
    await expect(signedOut.or(note)).toBeVisible({ timeout: 30_000 });
    if (await signedOut.isVisible()) {
      await page.goto(link);
      await chat.choose('Explain housing risk');
    }
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'interrupted');
    expect(await chat.words()).toContain(seen);
    await expect(note.getByRole('button', { name: 'Try again' })).toBeVisible();
  });
});
