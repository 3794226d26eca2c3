import type { Locator, Page } from '@playwright/test';

import { expect, test } from './fixtures';
import { longChat } from './long-chats';
import type { ChatPage } from './pages/chat-page';

const length = 10_000;

test.use({ history: { chats: [longChat('long', length), longChat('short', 4)] }, model: 'emu-speed-40' });
// Ten thousand messages are put into the database first.
test.slow();

function message(page: Page, index: number): Locator {
  return page.locator(`article[data-message="long-${index}"]`);
}

function scroller(page: Page): Locator {
  return page.getByTestId('chat-content');
}

async function open(chat: ChatPage): Promise<void> {
  await chat.page.goto(`${chat.server.url}/c/long`);
  await expect(message(chat.page, length - 1)).toBeInViewport();
  await whole(chat.page);
}

/** All messages that were read are in the page. */
async function whole(page: Page): Promise<void> {
  await expect(page.locator('[data-testid="messages-container"][data-partial="false"]')).toHaveCount(1);
}

async function loaded(page: Page): Promise<number> {
  return page.locator('article[data-message]').count();
}

/** How far the top of a message is below that of the view. */
async function offset(page: Page, index: number): Promise<number> {
  const [box, view] = await Promise.all([message(page, index).boundingBox(), scroller(page).boundingBox()]);
  return (box?.y ?? Number.NaN) - (view?.y ?? 0);
}

/** The first message in sight. */
async function topmost(page: Page): Promise<number> {
  return scroller(page).evaluate((view) => {
    const top = view.getBoundingClientRect().top;
    const articles = [...view.querySelectorAll<HTMLElement>('article[data-message]')];
    const first = articles.find((article) => article.getBoundingClientRect().bottom > top + 1);
    return Number(first?.dataset.message?.split('-').at(-1));
  });
}

test('a chat of 10,000 messages opens at its end with a page of them', async ({ chat, page }) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (/\/(?:chats|sessions)\/long/.test(request.url())) asked.push(request.url());
  });
  await open(chat);
  expect(await loaded(page)).toBe(50);
  await expect(message(page, length - 1)).toContainText(`landmark${length - 1}`);
  await expect(page.getByTestId('go-to-latest')).toHaveCount(0);
  expect(asked.filter((url) => url.includes('/messages'))).toEqual([]);
});

test('the messages in sight are shown first, the others follow without moving them', async ({ chat, page }) => {
  await page.addInitScript(() => {
    const shown: number[] = [];
    Object.assign(window, { shown });
    new MutationObserver(() => {
      const count = document.querySelectorAll('article[data-message]').length;
      if (count > 0 && shown.at(-1) !== count) shown.push(count);
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`${chat.server.url}/c/long`);
  await expect(message(page, length - 1)).toBeInViewport();
  const before = await offset(page, length - 1);
  await whole(page);
  expect(Math.abs((await offset(page, length - 1)) - before)).toBeLessThanOrEqual(1);
  const counts = await page.evaluate(() => (window as unknown as { shown: number[] }).shown);
  expect(counts[0]).toBeLessThanOrEqual(14);
  expect(counts.at(-1)).toBe(50);
  // A slice at a time: no single one of them keeps the page from being painted.
  expect(Math.max(...counts.slice(1).map((count, index) => count - (counts[index] ?? 0)))).toBeLessThanOrEqual(6);
});

test('a chat that is pointed at is read ahead, once', async ({ chat, page }) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (/\/chats\/(?:long|short)\?/.test(request.url())) asked.push(new URL(request.url()).pathname);
  });
  await page.goto(chat.server.url);
  const row = page.getByRole('link', { name: `${length} messages` });
  await row.hover();
  await expect.poll(() => asked).toEqual(['/chat-api/chats/long']);
  await row.click();
  await expect(message(page, length - 1)).toBeInViewport();
  await page.keyboard.press('Shift+Tab');
  await page.getByRole('link', { name: '4 messages' }).focus();
  await expect.poll(() => asked).toEqual(['/chat-api/chats/long', '/chat-api/chats/short']);
});

test('older messages come while one scrolls up, and what is read stays in its place', async ({ chat, page }) => {
  await open(chat);
  let least = length;
  await scroller(page).hover();
  for (let step = 0; step < 120 && least > length - 300; step += 1) {
    await page.mouse.wheel(0, -1200);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const first = await topmost(page);
    // Never upwards by wheel and yet further down, and never a jump over many messages.
    expect(first).toBeLessThanOrEqual(least);
    expect(least === length ? 0 : least - first).toBeLessThan(30);
    least = first;
    expect(await loaded(page)).toBeLessThanOrEqual(250);
  }
  expect(least).toBeLessThanOrEqual(length - 300);
  await expect(message(page, length - 1)).toHaveCount(0);
  await page.getByTestId('go-to-latest').click();
  await expect(message(page, length - 1)).toBeInViewport();
});

test('messages that are put above do not move what is in sight', async ({ chat, page }) => {
  await open(chat);
  let release: () => void = () => undefined;
  const held = new Promise<void>((free) => {
    release = free;
  });
  await page.route('**/sessions/long/messages*', async (route) => {
    await held;
    await route.continue();
  });
  await scroller(page).evaluate((view) => {
    view.scrollTop = 0;
  });
  await expect(page.getByTestId('edge-before')).toBeInViewport();
  await expect.poll(() => topmost(page)).toBe(length - 50);
  const before = await offset(page, length - 50);
  release();
  await expect.poll(() => loaded(page)).toBeGreaterThan(50);
  await page.waitForTimeout(300);
  expect(Math.abs((await offset(page, length - 50)) - before)).toBeLessThanOrEqual(1);
});

test('the very first message and the latest are one key away', async ({ chat, page }) => {
  await open(chat);
  await message(page, length - 1).focus();
  await page.keyboard.press('Control+Home');
  await expect(message(page, 0)).toBeInViewport();
  await expect(message(page, 0)).toBeFocused();
  await page.keyboard.press('Alt+ArrowDown');
  await page.keyboard.press('Alt+ArrowDown');
  await expect(message(page, 2)).toBeFocused();
  await expect(message(page, 2)).toBeInViewport();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(message(page, 1)).toBeFocused();
  await page.keyboard.press('Control+End');
  await expect(message(page, length - 1)).toBeInViewport();
  expect(await loaded(page)).toBeLessThanOrEqual(100);
});

test('a button leads to the very first message while it is far away', async ({ chat, page }) => {
  await open(chat);
  const first = page.getByRole('button', { name: 'Go to the first message' });
  await expect(first).toHaveCount(0);
  await scroller(page).hover();
  await page.mouse.wheel(0, -600);
  await first.focus();
  await page.keyboard.press('Enter');
  await expect(message(page, 0)).toBeInViewport();
  await expect(message(page, 0)).toBeFocused();
  await expect(first).toHaveCount(0);
  await page.getByTestId('go-to-latest').click();
  await expect(message(page, length - 1)).toBeInViewport();
});

test('the keys go on where the messages that are here end', async ({ chat, page }) => {
  await open(chat);
  await page.route('**/sessions/long/messages*', async (route) => {
    await new Promise((done) => setTimeout(done, 200));
    await route.continue();
  });
  await message(page, length - 50).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(message(page, length - 51)).toBeFocused();
});

test('search leads into the middle, and the button back to the latest', async ({ chat, page }) => {
  await open(chat);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('landmark4321');
  await page.getByRole('option').filter({ hasText: 'landmark4321' }).first().click();
  await expect(message(page, 4321)).toBeInViewport();
  await expect(message(page, 4321)).toHaveAttribute('data-found', '');
  await expect(message(page, length - 1)).toHaveCount(0);
  await expect(page.getByTestId('edge-after')).toHaveCount(1);
  // The end of what is here is not the end of the chat: nothing is followed there.
  await scroller(page).hover();
  await page.mouse.wheel(0, 30_000);
  await expect.poll(() => loaded(page)).toBeGreaterThan(50);
  await page.waitForTimeout(500);
  expect(await topmost(page)).toBeLessThan(4450);
  await page.getByTestId('go-to-latest').click();
  await expect(message(page, length - 1)).toBeInViewport();
  await expect(chat.field).toBeFocused();
});

test('an address leads to a message in one request', async ({ chat, page }) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (/\/chats\/long\?/.test(request.url())) asked.push(new URL(request.url()).search);
  });
  await page.goto(`${chat.server.url}/c/long?m=long-77`);
  await expect(message(page, 77)).toBeInViewport();
  expect(asked).toEqual(['?limit=50&around=long-77']);
  expect(await loaded(page)).toBeLessThanOrEqual(150);
});

test('a reply that streams does not move who reads above it', async ({ chat, page }) => {
  await open(chat);
  await chat.ask('Explain housing risk at length');
  await chat.seeItStream();
  await scroller(page).hover();
  await page.mouse.wheel(0, -2500);
  await expect(page.getByTestId('go-to-latest')).toBeVisible();
  await page.waitForTimeout(700);
  const index = await topmost(page);
  const before = await offset(page, index);
  const words = (await chat.words()).length;
  await expect.poll(async () => (await chat.words()).length).toBeGreaterThan(words + 60);
  expect(Math.abs((await offset(page, index)) - before)).toBeLessThanOrEqual(1);
});

test('what is sent from the middle is shown at the end', async ({ chat, page }) => {
  await page.goto(`${chat.server.url}/c/long?m=long-5000`);
  await expect(message(page, 5000)).toBeInViewport();
  await chat.field.fill('Said in the middle');
  await chat.field.press('Enter');
  await expect(chat.questions.last()).toContainText('Said in the middle');
  await expect(chat.questions.last()).toBeInViewport();
  await chat.finish();
  await expect(message(page, length - 1)).toHaveCount(1);
  await expect(page.getByTestId('edge-after')).toHaveCount(0);
});

test('a question in the middle is asked in other words', async ({ chat, page }) => {
  await page.goto(`${chat.server.url}/c/long?m=long-5000`);
  await expect(message(page, 5000)).toBeInViewport();
  await message(page, 5000).hover();
  await message(page, 5000).getByTestId('edit-button').click();
  await page.getByTestId('question-editor').getByRole('textbox').fill('Asked otherwise');
  await page.getByTestId('question-editor').getByRole('button', { name: 'Send' }).click();
  await chat.finish();
  await expect(message(page, 5000)).toContainText('Asked otherwise');
  await expect(message(page, 5001)).toHaveCount(0);
  await expect(page.getByTestId('edge-after')).toHaveCount(0);
  await message(page, 5000).hover();
  await message(page, 5000).getByRole('button', { name: 'Previous version' }).click();
  await expect(message(page, 5001)).toHaveCount(1);
  await expect(message(page, 5000)).toBeInViewport();
  await expect(page.getByTestId('edge-after')).toHaveCount(1);
});

test('each chat is found again where it was left in this tab', async ({ chat, page }) => {
  await page.goto(`${chat.server.url}/c/long?m=long-3000`);
  await expect(message(page, 3000)).toBeInViewport();
  await page.waitForTimeout(900);
  await scroller(page).hover();
  await page.mouse.wheel(0, 1200);
  await page.waitForTimeout(500);
  const index = await topmost(page);
  const before = await offset(page, index);
  await chat.choose('4 messages');
  await expect(page.locator('article[data-message="short-3"]')).toBeInViewport();
  await chat.choose(`${length} messages`);
  await expect(message(page, index)).toBeInViewport();
  await expect.poll(async () => Math.abs((await offset(page, index)) - before)).toBeLessThanOrEqual(2);
  await page.reload();
  await expect(message(page, index)).toBeInViewport();
  await expect.poll(async () => Math.abs((await offset(page, index)) - before)).toBeLessThanOrEqual(2);
});
