import type { Page } from '@playwright/test';

import { lookAt } from './screen';
import { expect, test } from './fixtures';
import { refuse, tooMany } from './refuse';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** A key as an input method lets the page see it. */
async function composedKey(page: Page, key: string, init: { isComposing?: boolean; keyCode?: number }): Promise<void> {
  await page.evaluate(
    ([name, more]) => {
      document.activeElement?.dispatchEvent(
        new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...more }),
      );
    },
    [key, init] as const,
  );
}

test('Enter that chooses a word of an input method sends nothing', async ({ chat, page }) => {
  await chat.field.focus();
  const session = await page.context().newCDPSession(page);
  await session.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
  await expect(chat.field).toHaveValue('にほん');
  await composedKey(page, 'Enter', { isComposing: true });
  await session.send('Input.insertText', { text: '日本' });
  await expect(chat.field).toHaveValue('日本');
  // Some browsers end the composition first and then report its key.
  await composedKey(page, 'Enter', { keyCode: 229 });
  await expect(chat.field).toHaveValue('日本');
  await expect(chat.questions).toHaveCount(0);

  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('short please');
  await expect(chat.field).toHaveValue('日本\nshort please');
  await page.keyboard.press('Enter');
  await expect(chat.questions.last()).toContainText('日本');
  await chat.finish();

  await chat.questions.last().getByRole('button', { name: 'Edit and send again' }).press('Enter');
  const editor = page.getByRole('textbox', { name: 'Edit message' });
  await expect(editor).toBeFocused();
  await composedKey(page, 'Enter', { keyCode: 229 });
  await composedKey(page, 'Escape', { isComposing: true });
  await expect(editor).toBeFocused();
  await expect(chat.replies).toHaveCount(1);
});

test('a megabyte is not put in, and what may still be shortened is not measured with each key', async ({
  chat,
  page,
}) => {
  const paste = async (characters: number) => {
    await page.evaluate((n) => navigator.clipboard.writeText('The quick brown fox. '.repeat(n / 21)), characters);
    await page.keyboard.press('Control+v');
  };
  await page.evaluate(() => {
    const counts = { measured: 0 };
    Object.assign(window, { counts });
    const height = Object.getOwnPropertyDescriptor(Element.prototype, 'scrollHeight');
    Object.defineProperty(Element.prototype, 'scrollHeight', {
      configurable: true,
      get(this: Element): unknown {
        if (this.tagName === 'TEXTAREA' && (this as HTMLTextAreaElement).value.length > 1000) counts.measured++;
        return height?.get?.call(this);
      },
    });
  });
  await chat.field.fill('Look at this: ');
  await paste(1_050_000);
  const problem = page.getByRole('alert');
  await expect(problem).toHaveText(
    /^What you wanted to paste is too long by about [\d.,]+ characters, so it was not put/,
  );
  await expect(chat.field).toHaveValue('Look at this: ');
  await expect(chat.send).toBeEnabled();
  await lookAt(page, 'refused paste');
  await page.keyboard.type('x');
  await expect(problem).toHaveCount(0);

  await paste(315_000);
  await expect(problem).toHaveText(/^This message is too long by about [\d.,]+ characters\. Shorten it/);
  await expect(chat.field).toHaveAttribute('aria-invalid', 'true');
  await expect(chat.send).toBeDisabled();
  await page.keyboard.type('abc');
  await page.keyboard.press('Enter');
  await expect(chat.questions).toHaveCount(0);
  const counts = await page.evaluate(() => (window as unknown as { counts: Record<string, number> }).counts);
  expect(counts).toEqual({ measured: 0 });
  expect((await chat.field.boundingBox())?.height).toBeLessThan(400);

  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await expect(problem).toHaveCount(0);
  expect((await chat.field.boundingBox())?.height).toBeLessThan(40);
});

test('a long question is folded, and shown whole by keyboard', async ({ chat, page }) => {
  const line = (n: number) => `Line ${n} of what was pasted.`;
  const words = Array.from({ length: 80 }, (_, n) => line(n + 1)).join('\n');
  await chat.field.fill(`short please\n${words}`);
  await chat.field.press('Enter');
  await chat.finish();
  const question = chat.questions.last();
  await expect(question).toContainText(line(5));
  await expect(question).not.toContainText(line(70));
  const all = question.getByRole('button', { name: /^Show all [\d.,]+ characters$/ });
  await expect(all).toHaveAttribute('aria-expanded', 'false');
  await lookAt(page, 'folded question');
  await all.focus();
  await page.keyboard.press('Enter');
  await expect(question).toContainText(line(80));
  await expect(question.getByRole('button', { name: 'Show less' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(question).not.toContainText(line(70));

  await question.getByRole('button', { name: 'Copy message' }).click({ force: true });
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`short please\n${words}`);
});

test('a message that is refused leaves the end in sight', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await refuse(page, '**/chat-api/chat', tooMany);
  await chat.field.fill('Once more');
  await chat.field.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Too many messages.');
  await expect(chat.field).toHaveValue('Once more');
  await expect(chat.lastReply().getByRole('button', { name: 'Regenerate reply' })).toBeInViewport({ ratio: 1 });
  await expect(page.getByTestId('jump-to-latest')).toHaveCount(0);
});
