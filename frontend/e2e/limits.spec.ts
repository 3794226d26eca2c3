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

test.describe('a model that is silent for long', () => {
  test.use({ model: 'emu-stall' });

  test('is waited for in sight, and can be left', async ({ chat, page }) => {
    const waiting = chat.lastReply().getByTestId('waiting');
    await page.addInitScript(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      new MutationObserver(() => {
        const words = document.querySelector('[data-testid="announcer"]')?.textContent ?? '';
        if (words !== '' && words !== said.at(-1)) said.push(words);
      }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    await page.reload();
    await chat.ask('Explain housing risk');
    await expect(waiting).toHaveText(/^Connecting to .+…$/);
    await expect(waiting).toHaveAttribute('data-stage', 'model');
    const still = page.getByTestId('still-waiting');
    await expect(still).toHaveText(/^Still waiting: 1[2-9] s, the model has not answered yet\.$/, { timeout: 16_000 });
    await expect(still).toHaveText(/^Still waiting: 1[5-9] s/);
    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
    expect(said.filter((words) => /Connecting|Thinking|Sending/.test(words))).toHaveLength(1);
    expect(said.filter((words) => words.startsWith('Still waiting'))).toHaveLength(1);
    await page.getByTestId('stop-waiting').click();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
    await expect(waiting).toHaveCount(0);
  });
});

test.describe('a model that has taken the question and says nothing', () => {
  test.use({ model: 'emu-stall-after-head' });

  test('thinks, also for who comes later', async ({ chat, page }) => {
    await chat.ask('Explain housing risk');
    const waiting = chat.lastReply().getByTestId('waiting');
    await expect(waiting).toHaveText('Thinking…');
    await page.reload();
    await expect(waiting).toHaveText('Thinking…');
    await expect(page.getByTestId('still-waiting')).toHaveText(/^Still thinking: 1\d s, and no word yet\.$/, {
      timeout: 16_000,
    });
    await chat.stopButton.click();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
  });
});

test.describe('a server that takes its time', () => {
  test('is told from a model that does', async ({ chat, page }) => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route('**/chat-api/chat', async (route) => {
      await held;
      await route.continue();
    });
    await chat.ask('Explain housing risk');
    await expect(chat.lastReply().getByTestId('waiting')).toHaveText('Sending…');
    await expect(chat.lastReply().getByTestId('waiting')).toHaveAttribute('data-stage', 'server');
    letGo();
    await chat.finish();
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
