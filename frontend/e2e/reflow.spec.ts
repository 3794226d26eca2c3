import { expect, test } from './fixtures';

test.use({ viewport: { width: 320, height: 640 } });

test('at 320 px nothing runs out of the page', async ({ chat, page }) => {
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await overflow()).toBe(0);
  await chat.ask('Explain housing risk');
  await chat.finish();
  expect(await overflow()).toBe(0);
  const column = page.getByTestId('chat-content');
  expect(await column.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
  await chat.openList();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('navigation', { name: 'Chats' })).toHaveCount(0);
  await expect(page.getByTestId('sidebar-toggle')).toBeFocused();
});

test('follows the end of a reply until the reader scrolls up', async ({ chat, page }) => {
  const scroller = page.getByTestId('chat-content');
  const left = () => scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  await chat.ask('Explain housing risk');
  await expect
    .poll(() => scroller.evaluate((element) => element.scrollHeight - element.clientHeight))
    .toBeGreaterThan(200);
  expect(await left()).toBeLessThan(60);
  await scroller.hover();
  await page.mouse.wheel(0, -150);
  await expect(page.getByTestId('go-to-latest')).toBeVisible();
  const top = await scroller.evaluate((element) => element.scrollTop);
  await chat.finish();
  expect(Math.abs((await scroller.evaluate((element) => element.scrollTop)) - top)).toBeLessThan(60);
  await page.getByTestId('go-to-latest').click();
  await expect.poll(left).toBeLessThan(2);
});

for (const [name, viewport] of [
  ['320 px', { width: 320, height: 640 }],
  // 1280 x 800 at 400 %.
  ['400 %', { width: 320, height: 200 }],
] as const) {
  test.describe(name, () => {
    test.use({ viewport });

    test(`every screen can be read in one direction (${name})`, async ({ chat, page }) => {
      const fits = async (screen: string) => {
        // Only what has two dimensions by nature may scroll sideways: tables, code, formulas, drawings.
        const wide = await page.evaluate(() => {
          const free = 'pre, table, [role="region"], [data-scrolls], .katex, svg, [role="menu"]';
          const width = document.documentElement.clientWidth;
          return (
            [...document.querySelectorAll<HTMLElement>('body *')]
              .filter((element) => element.checkVisibility({ visibilityProperty: true }))
              .filter((element) => element.parentElement?.closest(free) === null || element.closest('dialog') !== null)
              // A row of filters is one line that is moved along, as a list of results is moved down.
              .filter((element) => element.closest('dialog [role="group"]') === null)
              .filter((element) => element.closest('[data-testid="announcer"], [data-testid="read-aloud"]') === null)
              .filter((element) => {
                const box = element.getBoundingClientRect();
                return box.width > 1 && box.right > width + 1 && box.left < width;
              })
              .map(
                (element) => `${element.tagName} ${element.dataset.testid ?? ''} ${element.textContent.slice(0, 20)}`,
              )
          );
        });
        expect(wide, screen).toEqual([]);
        const across = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
        expect(await page.evaluate(across), screen).toBe(0);
      };
      const open = async (testId: string, screen: string) => {
        await page.getByTestId(testId).last().click();
        await fits(screen);
        await page.keyboard.press('Escape');
      };
      await fits('welcome');
      await chat.ask('Hello, short please');
      await chat.finish();
      await chat.lastReply().getByRole('button', { name: 'Regenerate reply' }).click();
      await expect(chat.lastReply().getByTestId('variants')).toContainText('2 of 2');
      await chat.finish();
      await fits('conversation');
      await chat.lastReply().getByTestId('reply-menu').click();
      await page.getByRole('menuitem', { name: 'Compare versions' }).click();
      await expect(page.getByTestId('compare-sum')).toBeVisible();
      await fits('comparison');
      await page.keyboard.press('Escape');
      await open('metrics', 'details');
      await open('user-menu-button', 'user menu');
      await page.keyboard.press('Control+k');
      await expect(page.getByTestId('search-option').first()).toBeVisible();
      await fits('search');
      await page.keyboard.press('Escape');
      for (const [path, heading] of [
        ['/archive', 'Archive'],
        ['/trash', 'Trash'],
        ['/no/such/page', 'There is no such page'],
        ['/c/no-such-chat', 'This chat is not here'],
        ['/signed-out', 'You are signed out'],
      ] as const) {
        await page.goto(`${chat.server.url}${path}`);
        await expect(page.getByRole('heading', { name: heading }).first()).toBeAttached();
        await fits(path);
      }
    });
  });
}
