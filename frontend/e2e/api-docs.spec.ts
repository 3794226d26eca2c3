import { lookAt } from './screen';
import { expect, test } from './fixtures';

test('the interface is laid out for people, without the network beyond the server', async ({ page, server }) => {
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) elsewhere.push(request.url());
  });
  await page.goto(`${server.url}/chat-api/docs`);
  const main = page.getByRole('main');
  await expect(main.getByRole('heading', { name: 'Replies' })).toBeVisible();
  const described = (await (await page.request.get(`${server.url}/chat-api/openapi.json`)).json()) as {
    info: { version: string };
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const ids = Object.values(described.paths).flatMap((item) => Object.values(item).map((one) => one.operationId));
  for (const id of ids) await expect(page.locator(`details#${id}`)).toHaveCount(1);
  await expect(page.locator('#version')).toHaveText(described.info.version);
  expect(elsewhere).toEqual([]);
  await lookAt(page, 'the interface');
});

test('a route is found, opened and copied by keyboard', async ({ page, server }) => {
  await page.goto(`${server.url}/chat-api/docs`);
  await page.getByRole('searchbox', { name: 'Find' }).fill('queue_full post');
  const cards = page.locator('details:visible');
  await expect(cards.first()).toContainText('/chat-api/chats/{session_id}/queue');
  await cards.first().locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(cards.first()).toHaveAttribute('open', '');
  await expect(cards.first()).toContainText('Idempotency-Key');
  await lookAt(page, 'the interface');
  await page.goto(`${server.url}/chat-api/docs#rateMessage`);
  const rate = page.locator('#rateMessage');
  await expect(rate.locator('summary')).toBeFocused();
  await expect(rate.locator('pre').first()).toContainText(`${server.url}/chat-api/messages/`);
  await rate.getByRole('button', { name: 'Copy curl' }).click();
  await expect(page.locator('#said')).not.toBeEmpty();
});

test('nothing of it is wider than the window', async ({ page, server }) => {
  await page.goto(`${server.url}/chat-api/docs#sendMessage`);
  await expect(page.locator('#sendMessage')).toHaveAttribute('open', '');
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over).toBeLessThanOrEqual(0);
  await page.screenshot({ path: test.info().outputPath('docs.png') });
});
