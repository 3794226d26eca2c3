import { readFile } from 'node:fs/promises';

import type { Locator } from '@playwright/test';

import { expect, test } from './fixtures';

const question = 'How many clients do we have by region?';

/** The texts of a column of the table. */
async function column(table: Locator, place: number): Promise<string[]> {
  return table.locator(`tbody td:nth-child(${place})`).allInnerTexts();
}

test('a question about data is answered with data', async ({ chat, page }) => {
  const reply = chat.lastReply();
  const table = reply.getByTestId('genie-table');

  await test.step('Genie is asked, says why, and works visibly', async () => {
    await chat.ask(question);
    await expect(reply.getByTestId('genie-reason')).toContainText('Asked Genie because: how many clients');
    await expect(reply.getByRole('heading', { name: 'Genie · Demo sales' })).toBeVisible();
    await expect(reply.getByText('Clients and revenue of each region.')).toBeVisible({ timeout: 30_000 });
    await expect(reply.getByTestId('genie-progress')).toHaveCount(0);
  });

  await test.step('numbers are sorted as numbers, by the keyboard too', async () => {
    await expect(table.locator('tbody tr')).toHaveCount(6);
    const clients = table.getByRole('button', { name: 'clients' });
    await clients.focus();
    await page.keyboard.press('Enter');
    await expect(table.getByRole('columnheader', { name: 'clients' })).toHaveAttribute('aria-sort', 'ascending');
    expect(await column(table, 2)).toEqual(['97', '154', '211', '268', '325', '382']);
    await page.keyboard.press('Enter');
    expect(await column(table, 1)).toEqual(['Europe', 'North America', 'Asia', 'South America', 'Africa', 'Oceania']);
    await page.keyboard.press('Enter');
    await expect(table.getByRole('columnheader', { name: 'clients' })).not.toHaveAttribute('aria-sort');
    await table.getByRole('button', { name: 'region' }).click();
    expect((await column(table, 1))[0]).toBe('Africa');
  });

  await test.step('the file has all rows as they came', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), reply.getByTestId('genie-csv').click()]);
    expect(download.suggestedFilename()).toBe('clients-by-region.csv');
    const file = await readFile(await download.path(), 'utf8');
    expect(file.startsWith('\uFEFFregion,clients,revenue\r\nEurope,382,')).toBe(true);
    expect(file.split('\r\n')).toHaveLength(8);
  });

  await test.step('the query can be read', async () => {
    await expect(reply.getByText('SELECT region')).toBeHidden();
    await reply.getByText('The query').click();
    await expect(reply.getByText('SELECT region')).toBeVisible();
  });

  await test.step('a chart says the same, also to those who cannot see it', async () => {
    await reply.getByTestId('genie-show-chart').click();
    const chart = reply.getByRole('img', { name: 'clients by region' });
    await expect(chart).toBeVisible();
    await expect(chart.locator('.bar')).toHaveCount(6);
    await expect(chart.locator('desc')).toContainText('The highest is Europe with 382, the lowest Oceania with 97.');
    await reply.getByRole('combobox', { name: 'Shows' }).selectOption('revenue');
    await expect(reply.getByRole('img', { name: 'revenue by region' })).toBeVisible();
    await reply.getByTestId('genie-show-table').click();
    await expect(table).toBeVisible();
  });

  await test.step('all of it is there after a reload', async () => {
    await page.reload();
    await expect(table.locator('tbody tr')).toHaveCount(6);
    await expect(reply.getByTestId('genie-reason')).toContainText('how many clients');
  });

  await test.step('what Genie suggests is asked with a click', async () => {
    await reply.getByTestId('genie-suggestions').getByRole('button', { name: 'Show sales by month' }).click();
    await expect(chat.questions.last()).toContainText('Show sales by month');
    await expect(reply.getByTestId('genie-rows')).toHaveText('24 rows', { timeout: 30_000 });
    await reply.getByTestId('genie-show-chart').click();
    await expect(reply.getByTestId('genie-chart')).toHaveAttribute('data-kind', 'line');
  });
});

test('Genie is overruled for a reply, and for a chat', async ({ chat, page }) => {
  const reply = chat.lastReply();
  await chat.ask(question);
  await expect(reply.getByTestId('genie-table')).toBeVisible({ timeout: 30_000 });

  await test.step('the model answers instead, as another variant', async () => {
    await reply.getByTestId('ask-model').click();
    await chat.finish();
    await expect(reply.getByTestId('genie-table')).toHaveCount(0);
    await expect(reply.getByTestId('genie-reason')).toHaveCount(0);
    await reply.getByRole('button', { name: 'Previous version' }).click();
    await expect(reply.getByTestId('genie-table')).toBeVisible();
  });

  await test.step('a chat is pinned to the model', async () => {
    await reply.getByTestId('genie-pin').selectOption('model');
    await chat.ask('How many orders do we have, short please');
    await chat.finish();
    await expect(reply.getByTestId('genie-reason')).toHaveCount(0);
    await page.reload();
    await expect(chat.replies.first().getByTestId('genie-pin')).toHaveValue('model');
  });

  await test.step('and to Genie', async () => {
    await chat.replies.first().getByTestId('genie-pin').selectOption('genie');
    await chat.ask('hello there');
    await expect(reply.getByTestId('genie-reason')).toContainText('Asked Genie, as you chose.');
    await expect(reply.getByTestId('genie-result')).toBeVisible({ timeout: 30_000 });
  });
});

test('where Genie fails the model answers, and says so', async ({ chat }) => {
  await chat.ask('How many clients do we have emu-failed');
  await chat.finish();
  await expect(chat.lastReply()).toContainText(
    'Genie was asked first and could not answer: its query failed in the workspace.',
  );
  await expect(chat.lastReply().getByTestId('genie-result')).toHaveCount(0);
});

test('a long result is shown in part, and says so', async ({ chat }) => {
  const reply = chat.lastReply();
  await chat.ask('How many orders were placed emu-truncated');
  await expect(reply.getByTestId('genie-rows')).toHaveText('The first 1,000 rows; the query has more than 5,000.', {
    timeout: 30_000,
  });
  await expect(reply.locator('tbody tr')).toHaveCount(50);
  await reply.getByRole('button', { name: 'Show all 1,000 rows' }).click();
  await expect(reply.locator('tbody tr')).toHaveCount(1000);
});

test('Genie is stopped while it works', async ({ chat }) => {
  await chat.ask('How many clients do we have emu-never-ends');
  await expect(chat.lastReply().getByTestId('genie-progress')).toHaveAttribute('data-state', 'ASKING_AI', {
    timeout: 30_000,
  });
  await chat.stopButton.click();
  await expect(chat.lastReply()).toHaveAttribute('data-status', 'stopped');
  await expect(chat.lastReply().getByTestId('genie-progress')).toHaveCount(0);
});
