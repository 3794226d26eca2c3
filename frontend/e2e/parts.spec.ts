import AxeBuilder from '@axe-core/playwright';

import { expect, test } from './fixtures';

test.describe('an agent that calls a tool', () => {
  test.use({ model: 'databricks-weather-agent' });

  test('shows the call where it belongs, live and after a reload', async ({ chat, page }) => {
    const tool = () => chat.lastReply().getByTestId('tool-part');
    const line = () => tool().getByRole('button', { name: /demo__weather__look_up/ });

    const look = async () => {
      await expect(tool()).toHaveCount(1);
      await expect(tool()).toHaveAttribute('data-status', 'done');
      await expect(line()).toContainText('Oslo');
      await expect(tool().getByTestId('tool-state')).toHaveText(/^(?:Done|\d+\.\d s)$/);
      // The words before the call, the call, the words behind it.
      const words = await chat.words();
      expect(words.indexOf('I will look that up.')).toBeLessThan(words.indexOf('demo__weather__look_up'));
      expect(words.indexOf('demo__weather__look_up')).toBeLessThan(words.indexOf('This is the built-in demo'));
    };

    await test.step('as it comes', async () => {
      await chat.ask('Hello, short please');
      await expect(tool()).toBeVisible();
      await chat.finish();
      await look();
    });

    await test.step('opened by keyboard, with arguments and result', async () => {
      await line().focus();
      await page.keyboard.press('Enter');
      await expect(line()).toHaveAttribute('aria-expanded', 'true');
      await expect(tool().getByTestId('tool-body')).toContainText('"city": "Oslo"');
      await expect(tool().getByTestId('tool-body')).toContainText('"temperature": 3');
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      }
      await page.keyboard.press('Enter');
      await expect(tool().getByTestId('tool-body')).toHaveCount(0);
    });

    await test.step('after a reload', async () => {
      const before = await chat.words();
      await page.reload();
      await look();
      expect(await chat.words()).toBe(before);
    });
  });
});

test.describe('an agent whose tool needs a sign-in', () => {
  test.use({ model: 'emu-agent-tool-login' });

  test('says where, and opens nothing by itself', async ({ chat }) => {
    await chat.ask('Hello, short please');
    await chat.finish();
    const tool = chat.lastReply().getByTestId('tool-part');
    await expect(tool).toHaveAttribute('data-status', 'failed');
    const link = tool.getByRole('link', { name: 'Sign in to demo_weather' });
    await expect(link).toHaveAttribute('href', /^https:\/\/example\.com\//);
    await expect(link).toHaveAttribute('rel', /noopener/);
    await expect(link).toHaveAttribute('target', '_blank');
  });
});

test.describe('an agent that asks before it uses a tool', () => {
  test.use({ model: 'databricks-approval-agent' });

  test('goes on when it is allowed, and the history shows it', async ({ chat, page }) => {
    const ask = () => chat.lastReply().getByTestId('approval-part');
    await chat.ask('Hello, short please');
    await chat.finish();
    await expect(ask()).toContainText('May demo_server use search?');
    await expect(ask()).toContainText('"query": "demo"');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

    await test.step('it still waits after a restart of the server', async () => {
      const address = page.url();
      await page.goto(await chat.server.restart());
      await page.goto(address);
      await expect(ask().getByRole('button', { name: 'Deny' })).toBeVisible();
    });

    await ask().getByRole('button', { name: 'Allow' }).click();
    await expect(chat.lastReply().getByTestId('tool-part')).toHaveAttribute('data-status', 'done');
    await chat.finish();
    await expect(ask()).toContainText('You allowed this.');
    await expect(ask().getByRole('button', { name: 'Allow' })).toHaveCount(0);
    await expect(chat.replies).toHaveCount(1);

    const before = await chat.words();
    await page.reload();
    await expect(ask()).toContainText('You allowed this.');
    expect(await chat.words()).toBe(before);
  });

  test('goes on without when it is denied', async ({ chat }) => {
    const ask = chat.lastReply().getByTestId('approval-part');
    await chat.ask('Hello, short please');
    await chat.finish();
    await ask.getByRole('button', { name: 'Deny' }).click();
    await expect(ask).toContainText('You denied this.');
    await chat.finish();
    await expect(chat.lastReply().getByTestId('tool-part')).toHaveCount(0);
  });

  test('is not answered any more when the chat has gone on', async ({ chat }) => {
    await chat.ask('Hello, short please');
    await chat.finish();
    await expect(chat.lastReply().getByTestId('approve-button')).toBeVisible();
    await chat.ask('Something else, short please');
    await expect(chat.replies).toHaveCount(2);
    await expect(chat.replies.first().getByTestId('approve-button')).toHaveCount(0);
    await expect(chat.replies.first()).toContainText('not answered before the chat went on');
  });
});

test.describe('an agent whose answer is richer in the end', () => {
  test.use({ model: 'databricks-research-agent' });

  test('shows footnotes and what it cites once', async ({ chat, page }) => {
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(chat.server.url)) foreign.push(request.url());
    });
    await chat.ask('Hello, short please');
    await chat.finish();
    const reply = chat.lastReply();
    await expect(reply.getByRole('region', { name: 'Footnotes' }).or(reply.getByLabel('Footnotes'))).toBeVisible();
    await expect(reply.getByLabel('Footnote 1', { exact: true })).toBeVisible();
    const cards = reply.getByTestId('source-card');
    const places = await cards.allInnerTexts();
    expect(new Set(places).size).toBe(places.length);
    await cards.first().hover();
    await expect(reply.getByTestId('source-preview')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(reply.getByTestId('source-preview')).toHaveCount(0);
    expect(foreign).toEqual([]);
  });
});

test.describe('what a reply took', () => {
  test.use({ model: 'databricks-claude-sonnet-5-thinking' });

  test('is told on wish: tokens, times, how long it thought', async ({ chat, page }) => {
    await chat.ask('Hello, short please');
    await chat.finish();
    const reply = chat.lastReply();
    await expect(reply.getByTestId('reasoning').locator('summary')).toHaveText(/^Thought for \d/);
    await reply.getByTestId('metrics').click();
    const usage = reply.getByRole('dialog', { name: 'About this reply' });
    await expect(usage).toBeVisible();
    for (const name of [
      'Model',
      'Tokens read',
      'Tokens written',
      'Time to first token',
      'Time spent thinking',
      'Total time',
    ]) {
      await expect(usage.getByText(name, { exact: true })).toBeVisible();
    }
    await page.keyboard.press('Escape');
    await expect(usage).toHaveCount(0);
    await expect(reply.getByTestId('metrics')).toBeFocused();
    await page.reload();
    await expect(reply.getByTestId('reasoning').locator('summary')).toHaveText(/^Thought for \d/);
  });
});

test.describe('a reply that a content rule withholds', () => {
  test.use({ model: 'emu-refusal' });

  test('says so in words', async ({ chat }) => {
    await chat.ask('Hello, short please');
    await chat.finish();
    await expect(chat.lastReply().getByTestId('reply-note')).toContainText('content rules');
  });
});
