import { readFileSync } from 'node:fs';

import { test as base, type Page } from '@playwright/test';

import { expect } from './fixtures';
import { ChatPage } from './pages/chat-page';
import { startScriptedModel } from './scripted-model';
import { startServer } from './server';
import { foreign, payloads } from './xss-corpus';

/** Messages of one chat: more would not be shown at once. */
const together = 8;
/** A word that every message has, for the search. */
const mark = 'quagmire';

interface Watch {
  /** Requests that left the program's own origin. */
  foreign: string[];
  /** Dialogs, errors and reports of the policy. */
  faults: string[];
}

async function watch(page: Page, origin: string): Promise<Watch> {
  const found: Watch = { foreign: [], faults: [] };
  page.context().on('request', (request) => {
    if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(`${origin}/`))
      found.foreign.push(request.url());
  });
  page.on('dialog', (dialog) => {
    found.faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => found.faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content.Security.Policy|Trusted/i.test(message.text())) found.faults.push(`policy: ${message.text()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      // Seen from outside by its text.
      // oxlint-disable-next-line no-console
      console.error(`Content-Security-Policy ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return found;
}

/** What must be nowhere in the page, whatever was said. */
async function expectHarmless(page: Page, found: Watch, where: string): Promise<void> {
  const bad = await page.evaluate(() => {
    const elements = Array.from(document.querySelectorAll('body *'));
    const names = new Set([
      'SCRIPT',
      'IFRAME',
      'OBJECT',
      'EMBED',
      'LINK',
      'META',
      'BASE',
      'VIDEO',
      'AUDIO',
      'TEMPLATE',
    ]);
    const told = (element: Element) => element.outerHTML.slice(0, 160);
    const isBad = (element: Element) =>
      names.has(element.tagName.toUpperCase()) ||
      Array.from(element.attributes).some(
        ({ name, value }) =>
          name.startsWith('on') ||
          name === 'ping' ||
          name === 'srcdoc' ||
          (/^(?:href|src|xlink:href|action|formaction|poster|data)$/.test(name) &&
            !/^(?:https?:|mailto:|\/(?!\/)|#|blob:|data:image\/(?:png|jpeg|gif|webp);)/.test(value)),
      );
    return elements.filter(isBad).map(told);
  });
  expect(bad, where).toEqual([]);
  expect(found, where).toEqual({ foreign: [], faults: [] });
}

/** What stands beside the words of a reply; a message has one of these, so that each payload comes as it is read. */
const kinds = ['tool', 'approval', 'genie', 'failed'] as const;

function partOf(kind: string, said: string): object {
  if (kind === 'approval') return { name: said, arguments: said, server_label: said, request_id: said };
  if (kind === 'tool')
    return { name: said, arguments: said, output: said, status: 'failed', login: { connection: said, url: said } };
  return {
    state: 'COMPLETED',
    question: said,
    reason: said,
    wanted: false,
    space: said,
    title: said,
    description: said,
    sql: said,
    columns: [
      { name: said, type: 'STRING' },
      { name: `=${said}`, type: said },
    ],
    rows: [
      [said, `=${said}`],
      [`\t${said}`, `＝${said}`],
    ],
    row_count: 2,
    truncated: false,
    suggestions: [said],
  };
}

/** A reply as a workspace would tell it whose every word is somebody else's. */
function poison(message: { content: string }, kind: (typeof kinds)[number]): object {
  const said = message.content;
  const told = {
    ...message,
    model: said,
    metrics: { upstreamRequestId: said, traceId: said, route: 'genie', routeReason: said },
    finish_reason: said,
    feedback: { rating: 'down', reasons: ['other'], comment: said },
    rating: 'down',
    sources: [{ page_content: said, metadata: { url: said, title: said, [said]: said } }],
  };
  const notice = { id: 'n1', kind: 'notice', at: 0, code: said, text: said };
  if (kind === 'failed') return { ...told, status: 'error', error: { code: said, message: said }, parts: [notice] };
  return { ...told, parts: [notice, { id: kind, kind, at: said.length, ...partOf(kind, said) }] };
}

/** What an operator has set and a workspace calls its models. */
async function poisonConfig(page: Page, said: readonly string[]): Promise<void> {
  await page.route('**/chat-api/config', async (route) => {
    const response = await route.fetch();
    const config = (await response.json()) as { endpoints: object[] };
    const [first] = config.endpoints;
    const endpoints = said.map((words) => ({ ...first, name: words, display_name: words, task: words }));
    const json = { ...config, endpoints, models: said, model: said[0], suggestions: said, genie: { name: said[0] } };
    await route.fulfill({ response, json });
  });
}

/** The server's own answer, with a payload wherever a workspace's answers bring words of others. */
async function poisonAnswers(page: Page): Promise<void> {
  await page.route('**/chat-api/chats/**', async (route) => {
    const response = await route.fetch();
    const body: unknown = await response.json().catch(() => null);
    const messages = (body as { messages?: { role: string; content: string }[] } | null)?.messages;
    if (route.request().method() !== 'GET' || messages === undefined) {
      await route.fulfill({ response });
      return;
    }
    const poisoned = messages.map((message, index) =>
      message.role === 'assistant' ? poison(message, kinds[(index >> 1) % kinds.length] ?? 'tool') : message,
    );
    await route.fulfill({ response, json: { ...(body as object), messages: poisoned } });
  });
}

base('nothing that anybody says runs, leads astray or fetches anything', async ({ page }) => {
  base.setTimeout(240_000);
  expect(payloads.length).toBeGreaterThanOrEqual(60);
  const scripted = await startScriptedModel();
  scripted.say((question) => question);
  const server = await startServer('', scripted.env);
  const found = await watch(page, server.url);
  const chat = new ChatPage(page, server);
  await chat.signIn();
  const { origin } = new URL(page.url());
  const headers = { Origin: origin };
  const ids: string[] = [];

  await base.step('every payload is asked, answered and made a title', async () => {
    for (const [index, payload] of payloads.entries()) {
      const id = `xss-${Math.floor(index / together)}`;
      const content = `${payload}\n\n${mark}`;
      const answer = await page.request.post(`${origin}/chat-api/chat`, { headers, data: { session_id: id, content } });
      expect(answer.status(), payload).toBe(200);
      await answer.text();
      if (index % together === 0) ids.push(id);
      const data = { title: `${payload.replaceAll('\n', ' ').slice(0, 180)} ${mark}` };
      const renamed = await page.request.patch(`${origin}/chat-api/chats/${id}`, { headers, data });
      expect(renamed.status(), payload).toBe(200);
    }
  });

  await base.step('shown as message, title, source, model and tool', async () => {
    await poisonAnswers(page);
    for (const id of ids) {
      await page.goto(`${origin}/c/${id}`);
      await expect(page.locator('article[data-role="assistant"]').first()).toBeVisible();
      const replies = page.locator('article[data-role="assistant"]');
      const last = id === ids.at(-1) && payloads.length % together > 0;
      await expect(replies).toHaveCount(last ? payloads.length % together : together);
      for (let index = 0; index < (await replies.count()); index += 1)
        await replies.nth(index).scrollIntoViewIfNeeded();
      await expect(page.getByTestId('source-card').first()).toBeVisible();
      await expect(page.getByTestId('tool-part').first()).toBeVisible();
      await expectHarmless(page, found, id);
      await page.evaluate(() => {
        document.querySelectorAll<HTMLElement>('[data-testid="tool-part"] button').forEach((one) => one.click());
        document.querySelectorAll<HTMLElement>('[data-testid="source-card"]').forEach((one) => one.click());
      });
      await expect(page.getByTestId('tool-body').first()).toBeVisible();
      await expect(page.getByTestId('source-detail').first()).toBeVisible();
      await expectHarmless(page, found, `${id}, opened`);
    }
  });

  await base.step('saved as a table of Genie, named by it', async () => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('genie-csv').first().click()]);
    expect(file.suggestedFilename()).toMatch(/^[a-z0-9-]+\.csv$/);
    // A line of its own begins with a quotation mark or an apostrophe, never with what would be computed.
    const cells = readFileSync(await file.path(), 'utf8').matchAll(/(?:^|,|\r\n)"?((?:[^",\r\n]|"")*)/g);
    for (const [, cell = ''] of cells) expect(cell).not.toMatch(/^\s*[=+@＝]/);
  });

  await base.step('saved as a file that is named by its title', async () => {
    for (const id of ids) {
      const answer = await page.request.get(`${origin}/chat-api/chats/${id}/export?format=markdown`);
      expect(answer.status()).toBe(200);
      expect(answer.headers()['content-disposition']).toMatch(
        /^attachment; filename="[a-z0-9-]+\.md"; filename\*=UTF-8''[\w.!#$&+^`|~%-]+$/,
      );
      expect(answer.headers()['content-type']).toMatch(/^text\/markdown/);
      expect(answer.headers()['x-content-type-options']).toBe('nosniff');
    }
  });

  await base.step('as suggestion, model and name of a Genie space', async () => {
    for (let from = 0; from < payloads.length; from += together) {
      const said = payloads.slice(from, from + together);
      await poisonConfig(page, said);
      await page.goto(origin);
      await expect(page.getByTestId('suggestion-button').first()).toBeVisible();
      await page.getByTestId('model-button').first().click();
      await expect(page.getByTestId('model-picker')).toBeVisible();
      await expectHarmless(page, found, `settings from ${from}`);
      await page.unroute('**/chat-api/config');
    }
    await page.goto(origin);
    await expect(page.getByTestId('suggestion-button').first()).toBeVisible();
  });

  await base.step('found in the search', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill(mark);
    await expect(page.getByTestId('search-option').locator('mark').first()).toBeVisible();
    await expectHarmless(page, found, 'search');
    await page.keyboard.press('Escape');
  });

  await base.step('as it streams, and as the name of a file', async () => {
    await page.unroute('**/chat-api/chats/**');
    scripted.say(payloads.filter((one) => !one.startsWith('```')).join('\n\n'), { size: 80, every: 20 });
    await page.goto(origin);
    await chat.ask('Say it all');
    await chat.finish();
    await expectHarmless(page, found, 'streamed');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      chat.lastReply().getByRole('button', { name: 'Download CSV' }).first().click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^[a-z0-9-]+\.csv$/);
    await expectHarmless(page, found, 'downloaded');
  });

  await base.step('what does happen would have been seen', async () => {
    await page.evaluate((address) => {
      new Image().src = address;
    }, `${foreign}/seen.png`);
    await expect.poll(() => found.faults.length + found.foreign.length).toBeGreaterThan(0);
  });

  await server.stop();
  await scripted.stop();
});
