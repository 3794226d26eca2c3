import type { Locator } from '@playwright/test';

import { lookAt } from './screen';
import { expect, test } from './fixtures';

/** What of an element can still be seen where the system chooses all colours. */
async function look(element: Locator) {
  return element.evaluate((node) => {
    const style = getComputedStyle(node);
    return {
      border: style.borderTopStyle !== 'none' && Number.parseFloat(style.borderTopWidth) > 0,
      borderColour: style.borderTopColor,
      outline: style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2,
      ground: style.backgroundColor,
      colour: style.color,
    };
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({
      viewport: { width: 1280, height: 800 },
      colorScheme,
      contextOptions: { forcedColors: 'active', reducedMotion: 'reduce' },
    });

    test(`nothing depends on colours of our own (${colorScheme})`, async ({ chat, page }) => {
      expect(await page.evaluate(() => window.matchMedia('(forced-colors: active)').matches)).toBe(true);
      await chat.ask('Explain housing risk');
      await chat.seeItStream();
      // Without motion nothing moves while a reply is written.
      expect(
        await page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running').length),
      ).toBe(0);
      await chat.finish();

      await test.step('the focus is seen on every control of a reply', async () => {
        for (const button of await chat.lastReply().getByRole('button').all()) {
          if (await button.isDisabled()) continue;
          await button.focus();
          await page.keyboard.press('Shift');
          expect((await look(button)).outline, await button.innerText()).toBe(true);
        }
      });

      await test.step('fields, menus and dialogs have an edge', async () => {
        expect((await look(page.getByTestId('chat-input'))).border).toBe(true);
        await chat.lastReply().getByTestId('reply-menu').click();
        expect((await look(page.getByRole('menu'))).border).toBe(true);
        await page.getByRole('menuitem', { name: 'Details' }).click();
        const receipt = page.getByTestId('receipt');
        expect((await look(receipt)).border).toBe(true);
        const bar = await look(receipt.getByTestId('waterfall').locator('i').last());
        const rail = await look(receipt.getByTestId('waterfall').locator('li > div').last());
        expect(bar.ground).not.toBe(rail.ground);
        await page.keyboard.press('Escape');
      });

      await test.step('what is chosen or switched on is told apart', async () => {
        const up = chat.lastReply().getByRole('button', { name: 'Good reply' });
        const down = chat.lastReply().getByRole('button', { name: 'Bad reply' });
        await up.click();
        await expect(up).toHaveAttribute('aria-pressed', 'true');
        expect((await look(up)).borderColour).not.toBe((await look(down)).borderColour);
        const knob = page.getByRole('switch', { name: 'Include History' }).locator('span').first();
        const on = await look(knob);
        await page.getByRole('switch', { name: 'Include History' }).click();
        await expect.poll(async () => (await look(knob)).ground).not.toBe(on.ground);
        const list = await chat.openList();
        const row = list.locator('[aria-current="page"]').first();
        await expect(row).toBeVisible();
        const other = list.getByRole('link', { name: 'New chat' });
        const seen = await look(row);
        const weight = await row.evaluate((node) => getComputedStyle(node).fontWeight);
        const plain = await look(other);
        expect(seen.outline || seen.ground !== plain.ground || Number(weight) >= 600).toBe(true);
      });
      // The colours are the system's: axe does not know them all.
      await lookAt(page, 'forced colours', ['color-contrast']);
    });
  });
}
