import { expect, test } from './fixtures';

test.describe('a model that keeps failing', () => {
  test.use({ model: 'emu-html-500', env: { BREAKER_FAILURES: '2', BREAKER_REST: '5s' } });

  test('is left alone, and the page counts down until it is asked again', async ({ chat, page }) => {
    for (const words of ['First', 'Second']) {
      await chat.ask(words);
      await expect(chat.lastReply()).toHaveAttribute('data-status', 'error');
    }
    await chat.field.fill('Third');
    await chat.field.press('Enter');
    const cooldown = page.getByTestId('cooldown');
    await expect(cooldown).toContainText(
      'Your message was not sent. The model emu-html-500 has failed 2 times in a row, so it is left alone for a while.',
    );
    await expect(page.getByTestId('cooldown-clock')).toHaveText(/^0:0\d$/);
    await expect(chat.field).toHaveValue('Third');
    await expect(chat.send).toBeDisabled();
    await expect(chat.questions).toHaveCount(2);

    await expect(cooldown).toHaveCount(0);
    await expect(page.getByTestId('announcer')).toHaveText('You can send again.');
    await chat.send.click();
    await expect(chat.questions).toHaveCount(3);
    await expect(chat.field).toHaveValue('');
  });

  test('does not hold who wants to try all the same', async ({ chat, page }) => {
    for (const words of ['First', 'Second']) {
      await chat.ask(words);
      await expect(chat.lastReply()).toHaveAttribute('data-status', 'error');
    }
    await chat.field.fill('Third');
    await chat.field.press('Enter');
    await page.getByRole('button', { name: 'Do not wait' }).click();
    await expect(chat.field).toBeFocused();
    await expect(chat.send).toBeEnabled();
  });
});

test.describe('with one place at the model', () => {
  test.use({ model: 'emu-speed-20', env: { ENDPOINT_CONCURRENCY: '1' } });

  test('the next question waits, says where, and can be stopped', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    await chat.seeItStream();
    await chat.newChat();
    await chat.ask('What does DHB mean?');
    await expect(page.getByTestId('queue-place')).toHaveText(/^Next in line/);
    await chat.stopButton.click();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
    await expect(page.getByTestId('queue-place')).toHaveCount(0);
  });

  test('the next question is answered when the place is free', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    await chat.seeItStream();
    await chat.newChat();
    await chat.ask('What does DHB mean?');
    await expect(page.getByTestId('queue-place')).toBeVisible();
    await page.reload();
    await expect(page.getByTestId('queue-place')).toBeVisible();
    await chat.choose('Explain housing risk');
    await chat.stopButton.click();
    await chat.choose('What does DHB mean?');
    await chat.seeItStream();
    await expect(page.getByTestId('queue-place')).toHaveCount(0);
  });
});

test.describe('a model that thinks for long', () => {
  test.use({ model: 'emu-delay-14000' });

  test('is waited for in sight', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    await expect(page.getByTestId('still-waiting')).toHaveText(/^Still waiting for the model… 0:\d\d$/);
    await chat.seeItStream();
    await expect(page.getByTestId('still-waiting')).toHaveCount(0);
  });
});

test.describe('a model that is busy', () => {
  test.use({ model: 'emu-error-429-retry-after' });

  test('is asked again, and the page says when', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    await expect(page.getByTestId('retry-wait')).toHaveText(/^The model is busy; trying again in \d s \(2 of 3\)$/);
    await expect(page.getByTestId('retry-wait')).toContainText('(3 of 3)');
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'error');
  });
});
