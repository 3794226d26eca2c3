import { readFile } from 'node:fs/promises';

import type { Download } from '@playwright/test';

import { expect, test } from './fixtures';

test.use({ model: 'emu-speed-100000' });

async function textOf(download: Download): Promise<string> {
  return readFile(await download.path(), 'utf8');
}

test('one chat is saved as Markdown and as JSON, all of them at once', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await chat.newChat();
  await chat.ask('Something else');
  await chat.finish();

  await test.step('Markdown', async () => {
    const saved = page.waitForEvent('download');
    await chat.options('Explain housing risk', 'Export as Markdown');
    const file = await saved;
    expect(file.suggestedFilename()).toBe('Explain housing risk.md');
    const words = await textOf(file);
    expect(words).toMatch(/^# Explain housing risk\n/);
    expect(words).toContain('## Answer (');
    expect(words).not.toContain('Something else');
  });

  await test.step('JSON', async () => {
    const saved = page.waitForEvent('download');
    await chat.options('Something else', 'Export as JSON');
    const document = JSON.parse(await textOf(await saved)) as { chats: { title: string }[] };
    expect(document.chats.map((one) => one.title)).toEqual(['Something else']);
  });

  await test.step('everything', async () => {
    await page.keyboard.press('Control+,');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export everything as JSON' }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toMatch(/^chats-\d{4}-\d\d-\d\d\.json$/);
    const document = JSON.parse(await textOf(file)) as { chats: { title: string }[] };
    expect(document.chats.map((one) => one.title)).toEqual(['Something else', 'Explain housing risk']);
  });
});
