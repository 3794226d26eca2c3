import AxeBuilder from '@axe-core/playwright';

import { expect, test } from './fixtures';

const sonnet = 'databricks-claude-sonnet-4-5';
const opus = 'databricks-claude-opus-5';
const many = [
  sonnet,
  opus,
  'databricks-claude-sonnet-5-thinking',
  'databricks-gpt-oss-120b',
  'databricks-meta-llama-3-3-70b-instruct',
  'qwq-32b-think',
  'databricks-docs-assistant',
  'databricks-weather-agent',
  'databricks-supervisor-agent',
  'databricks-research-agent',
];

test.use({ model: many.join(',') });

/** The names of the models are looked up beside: a page of a moment later has them. */
test.beforeEach(async ({ chat }) => {
  await expect(async () => {
    await chat.page.reload();
    await expect(chat.page.getByTestId('model-button')).toHaveText('Claude Sonnet 4.5', { timeout: 500 });
  }).toPass();
});

test('a model is chosen by keyboard, kept by the chat and shown on each reply', async ({ chat, page }) => {
  const button = page.getByTestId('model-button');
  await button.focus();
  await page.keyboard.press('Enter');
  const picker = page.getByTestId('model-picker');
  await expect(picker.getByRole('combobox')).toBeFocused();
  await expect(picker.getByRole('option')).toHaveCount(many.length);
  await expect(picker.locator(`[data-model="databricks-weather-agent"]`)).toContainText('Agent');
  expect((await new AxeBuilder({ page }).include('[data-testid="model-picker"]').analyze()).violations).toEqual([]);
  await page.keyboard.type('opus');
  await expect(picker.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(picker).toHaveCount(0);
  await expect(button).toBeFocused();
  await expect(button).toHaveText('Claude Opus 5');

  await chat.ask('Hello, short please');
  await chat.finish();
  await expect(chat.lastReply().getByRole('heading', { level: 2 })).toHaveText('Claude Opus 5');
  await expect(button).toHaveText('Claude Opus 5');
  await page.reload();
  await expect(button).toHaveText('Claude Opus 5');
});

test('one message may go to another model, and a reply may be made anew by another', async ({ chat, page }) => {
  await chat.ask('Hello, short please');
  await chat.finish();
  await page.getByTestId('model-button').click();
  await page.getByTestId('model-once').check();
  await page.locator('[data-model="databricks-gpt-oss-120b"]').click();
  await expect(page.getByTestId('model-button')).toHaveText('Once: GPT OSS 120B');
  await chat.ask('And again, short');
  await chat.finish();
  await expect(chat.lastReply().getByRole('heading', { level: 2 })).toHaveText('GPT OSS 120B');
  await expect(page.getByTestId('model-button')).toHaveText('Claude Sonnet 4.5');

  await chat.lastReply().getByRole('button', { name: 'Regenerate with another model' }).click();
  await page.locator(`[data-model="${opus}"]`).click();
  await expect(chat.lastReply().getByRole('heading', { level: 2 })).toHaveText('Claude Opus 5');
  await chat.finish();
  await expect(chat.lastReply().getByTestId('variants')).toContainText('2 of 2');
});

test('the settings of a chat are made and taken back by keyboard', async ({ chat, page }) => {
  await chat.ask('Hello, short please');
  await chat.finish();
  const button = page.getByRole('button', { name: 'Settings of this chat' });
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Settings of this chat' });
  await expect(dialog.getByRole('combobox', { name: 'Model' })).toBeFocused();
  expect((await new AxeBuilder({ page }).include('[data-testid="settings-dialog"]').analyze()).violations).toEqual([]);
  await dialog.getByRole('textbox', { name: 'Instruction' }).focus();
  await page.keyboard.type('Answer in verse.');
  await page.keyboard.press('Tab');
  await expect(dialog.getByRole('radio', { name: 'As usual' })).toBeFocused();
  for (const level of ['Off', 'Short']) {
    await page.keyboard.press('ArrowRight');
    await expect(dialog.getByRole('radio', { name: level })).toBeChecked();
  }
  await page.keyboard.press('Tab');
  await page.keyboard.type('0.5');
  await expect(dialog).toContainText('Not sent while thinking is asked for.');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(button).toBeFocused();
  await expect(button).toHaveAccessibleName(/it has its own/);
  await page.reload();
  await page.getByRole('button', { name: 'Settings of this chat' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Instruction' })).toHaveValue('Answer in verse.');
  await dialog.getByRole('combobox', { name: 'Model' }).selectOption(opus);
  await expect(dialog).toContainText('Claude Opus 5 takes no temperature: it is not sent.');
  await dialog.getByRole('button', { name: 'Back to usual' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(button).toHaveAccessibleName('Settings of this chat');
});

test('a line shows where the model was not told what stands above', async ({ chat, page }) => {
  await page.getByTestId('chat-settings').click();
  await page.getByTestId('settings-history-count').selectOption('2');
  await page.getByTestId('settings-save').click();
  for (const words of ['One, short', 'Two, short']) {
    await chat.ask(words);
    await chat.finish();
  }
  await expect(page.getByTestId('context-mark')).toHaveCount(0);
  await chat.ask('Three, short');
  await chat.finish();
  const mark = page.getByTestId('context-mark');
  await expect(mark).toHaveText('Messages above are not sent to the model');
  await expect(mark.locator('xpath=following-sibling::article[1]')).toContainText('Two, short');
  await page.getByTestId('chat-settings').click();
  await expect(page.getByTestId('settings-told')).toContainText('2 earlier messages');
});
