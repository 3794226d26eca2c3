import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';

/** WCAG 2.5.8: 24 px, or so much room around that no two circles of 24 px meet; links in text are free. */
async function small(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const least = 24;
    const wanted =
      'a[href], button, input, select, textarea, summary, [role="button"], [role^="menuitem"], [role="switch"], [role="option"]';
    const seen = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) &&
      element.closest('[inert], [aria-hidden="true"]') === null;
    const inText = (element: Element) =>
      getComputedStyle(element).display === 'inline' && element.closest('p, li, td, dd') !== null;
    const targets = [...document.querySelectorAll(wanted)]
      .filter((element) => seen(element) && !inText(element))
      .map((element) => ({ element, box: (element.closest('label') ?? element).getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && box.height > 1 && box.bottom > 0 && box.right > 0);
    const middle = (box: DOMRect) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
    const isLarge = (box: DOMRect) => box.width >= least - 0.5 && box.height >= least - 0.5;
    const meets = (box: DOMRect, other: DOMRect) => {
      const [a, b] = [middle(box), middle(other)];
      if (!isLarge(other)) return Math.hypot(a.x - b.x, a.y - b.y) < least;
      const x = Math.max(other.left - a.x, 0, a.x - other.right);
      const y = Math.max(other.top - a.y, 0, a.y - other.bottom);
      return Math.hypot(x, y) < least / 2;
    };
    return targets
      .filter(({ box }) => !isLarge(box))
      .filter(({ element, box }) =>
        targets.some(
          ({ element: other, box: near }) =>
            other !== element && !other.contains(element) && !element.contains(other) && meets(box, near),
        ),
      )
      .map(
        ({ element, box }) =>
          `${element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 30)}: ${Math.round(box.width)}x${Math.round(box.height)}`,
      );
  });
}

for (const [name, viewport] of [
  ['wide', { width: 1280, height: 800 }],
  ['narrow', { width: 390, height: 844 }],
] as const) {
  test.describe(name, () => {
    test.use({ viewport });

    test(`every control can be hit by a finger (${name})`, async ({ chat, page }) => {
      const look = async (screen: string) => {
        expect(await small(page), screen).toEqual([]);
      };
      await look('welcome');
      await chat.ask('Explain housing risk');
      await chat.seeItStream();
      await look('streaming');
      await chat.finish();
      await chat.lastReply().getByRole('button', { name: 'Regenerate reply' }).click();
      await expect(chat.lastReply().getByTestId('variants')).toContainText('2 of 2');
      await chat.finish();
      await look('conversation');
      await chat.lastReply().getByRole('button', { name: 'Bad reply' }).click();
      await expect(page.getByTestId('feedback-panel')).toBeVisible();
      await look('feedback');
      await page.getByTestId('feedback-panel').getByRole('button', { name: 'Skip' }).click();
      await chat.lastReply().getByTestId('reply-menu').click();
      await look('menu of a reply');
      await page.getByRole('menuitem', { name: 'Compare versions' }).click();
      await expect(page.getByTestId('compare-sum')).toBeVisible();
      await look('comparison');
      await page.keyboard.press('Escape');
      await chat.lastReply().getByTestId('metrics').click();
      await expect(page.getByTestId('receipt')).toBeVisible();
      await look('details');
      await page.keyboard.press('Escape');
      await page.getByTestId('user-menu-button').click();
      await look('user menu');
      await page.keyboard.press('Escape');
      await chat.openList();
      await look('list of chats');
      await chat.closeList();
      await page.keyboard.press('Control+k');
      await expect(page.getByTestId('search-option').first()).toBeVisible();
      await look('search');
    });
  });
}
