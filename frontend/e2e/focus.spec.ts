import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';

/** After whatever a person does by keyboard, some control has the focus: never the page as a whole. */
async function expectFocus(page: Page, after: string): Promise<void> {
  await expect
    .poll(async () => page.evaluate(() => document.activeElement?.tagName ?? 'none'), { message: after })
    .not.toMatch(/^(?:BODY|HTML|none)$/);
}

test('the focus is never lost, whatever is opened, closed or taken away', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  const reply = chat.lastReply();

  for (const name of ['Good reply', 'Bad reply', 'Copy reply'] as const) {
    await reply.getByRole('button', { name }).focus();
    await page.keyboard.press('Enter');
    await expectFocus(page, name);
  }
  await page.getByTestId('feedback-panel').getByRole('button', { name: 'Skip' }).press('Enter');
  await expectFocus(page, 'feedback skipped');

  await test.step('menus and dialogs', async () => {
    for (const name of ['Copy as plain text', 'Details'] as const) {
      await reply.getByRole('button', { name: 'More about this reply' }).press('Enter');
      await page.getByRole('menuitem', { name }).press('Enter');
      await expectFocus(page, name);
      await page.keyboard.press('Escape');
      await expectFocus(page, `${name} closed`);
    }
    await page.getByTestId('chat-settings').press('Enter');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expectFocus(page, 'settings of the chat closed');
    for (const testId of ['open-settings', 'open-shortcuts'] as const) {
      await page.getByTestId('user-menu-button').press('Enter');
      await page.getByTestId(testId).press('Enter');
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectFocus(page, testId);
      await page.keyboard.press('Escape');
      await expectFocus(page, `${testId} closed`);
    }
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox')).toBeFocused();
    await page.keyboard.press('Escape');
    await expectFocus(page, 'search closed');
  });

  await test.step('writing anew, editing, stopping', async () => {
    await reply.getByRole('button', { name: 'Regenerate reply' }).press('Enter');
    await expect(reply).toHaveAttribute('data-status', 'streaming');
    await expectFocus(page, 'regenerate');
    await chat.stopButton.press('Enter');
    await expect(reply).toHaveAttribute('data-status', /stopped|complete/);
    await expectFocus(page, 'stop');
    await reply.getByRole('button', { name: 'Previous version' }).press('Enter');
    await expectFocus(page, 'another version');
    await chat.questions.first().getByRole('button', { name: 'Edit and send again' }).press('Enter');
    await expect(page.getByRole('textbox', { name: 'Edit message' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expectFocus(page, 'editing left');
  });

  await test.step('what takes the chat away', async () => {
    await chat.options('Explain housing risk', 'Delete');
    await expectFocus(page, 'deleted');
    await page.keyboard.press('Control+z');
    await expect(page.getByTestId('toast')).toHaveCount(0);
    await expectFocus(page, 'undone');
  });
});
