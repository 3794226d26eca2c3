import { readFile } from 'node:fs/promises';

import { test as plain, type Page } from '@playwright/test';

import { ChatPage } from './pages/chat-page';
import { richReply } from './rich-reply';
import { expect, test } from './scripted';
import { startScriptedModel } from './scripted-model';
import { startServer } from './server';

function fenced(lines: number): string {
  const code = Array.from({ length: lines }, (_, index) => `print("line ${index + 1}")`).join('\n');
  return `Here it is.\n\n\`\`\`python\n${code}\n\`\`\`\n\nThat was it.\n`;
}

async function clipboard(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  return page.evaluate(async () => navigator.clipboard.readText());
}

const lists = `Lists:

- one
- two
  - deep

    with two paragraphs
  - deeper

1. loose

   with more
2. and last

   - inside

> - quoted
> - twice

- [ ] open
- [x] done

End.
`;

test('a long reply is painted only where it is in sight, and looks the same when it is opened again', async ({
  reply,
  page,
}) => {
  // At a pace, and with what reads Markdown there: what comes at once is painted as what was there before.
  await reply('Hello.');
  const chat = await reply(`${richReply}\n${lists}`.repeat(2), { size: 200, every: 40 });
  await chat.finish();
  const blocks = chat
    .lastReply()
    .locator(
      '[data-testid="reply-body"] > [data-grows] > :not(section, :has([aria-expanded], .katex-display, [data-testid="picture"]))',
    );
  // Long code is folded when it is opened again; formulas get their fonts, pictures their cards when they are in sight.
  const heights = () =>
    blocks.evaluateAll((all) => all.map((block) => Math.round(block.getBoundingClientRect().height * 10) / 10));
  const painted = (block: Element) => block.firstElementChild?.checkVisibility({ contentVisibilityAuto: true });
  await expect(chat.lastReply().getByRole('button', { name: /^Sort by/ })).toHaveCount(8);
  await expect.poll(() => blocks.nth(1).evaluate(painted)).toBe(false);
  const grown = await heights();
  const words = await chat.words();
  await page.reload();
  await expect(chat.lastReply().getByRole('button', { name: /^Sort by/ })).toHaveCount(8);
  const opened = await heights();
  expect(grown.length).toBeGreaterThan(20);
  expect(grown).toEqual(opened);
  expect(words).toContain('with two paragraphs');
});

test.describe('code', () => {
  test('folds long code that was there before, and copies all of it', async ({ reply, page }) => {
    const chat = await reply(fenced(60));
    const code = chat.lastReply().getByTestId('code-block');
    const unfold = code.getByRole('button', { name: 'Show all 60 lines' });
    await expect(unfold).toHaveAttribute('aria-expanded', 'false');
    await expect(code.getByText('"line 30"')).toBeVisible();
    await expect(code.getByText('"line 31"')).toBeHidden();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await code.getByRole('button', { name: 'Copy code' }).click();
    await expect.poll(async () => clipboard(page)).toContain('print("line 60")');

    await unfold.press('Enter');
    await expect(code.getByText('"line 60"')).toBeVisible();
    const fold = code.getByRole('button', { name: 'Show fewer lines' });
    await expect(fold).toBeFocused();
    await fold.click();
    await expect(code.getByText('"line 31"')).toBeHidden();
    await expect(unfold).toBeInViewport();
  });

  test('does not take lines away when a fence closes', async ({ reply }) => {
    const chat = await reply(fenced(60), { size: 24, every: 80 });
    const code = chat.lastReply().getByTestId('code-block');
    await chat.seeItStream();
    await expect(code.getByText('"line 20"')).toBeVisible();
    await chat.finish();
    await expect(code.getByText('"line 60"')).toBeVisible();
    await expect(code.getByRole('button', { name: 'Show fewer lines' })).toBeVisible();
  });

  test('breaks long lines when asked, and remembers it', async ({ reply, page }) => {
    const chat = await reply(`\`\`\`text\n${'a long line of words '.repeat(40)}\n\`\`\`\n`);
    const region = chat.lastReply().getByRole('group', { name: 'Code, text' });
    const overflows = async () => region.evaluate((element) => element.scrollWidth > element.clientWidth);
    expect(await overflows()).toBe(true);
    const wrap = chat.lastReply().getByRole('button', { name: 'Wrap long lines' });
    await wrap.click();
    await expect(wrap).toHaveAttribute('aria-pressed', 'true');
    expect(await overflows()).toBe(false);
    await page.reload();
    await expect(wrap).toHaveAttribute('aria-pressed', 'true');
    expect(await overflows()).toBe(false);
  });
});

test.describe('tables', () => {
  const table =
    '| Region | Revenue | Note |\n|:--|--:|--|\n| Europe | 1,200 | **=1+1** |\n| Asia | 900 | a, b |\n| Africa | – | c |\n\nDone.\n';

  test('are sorted as numbers and back, by the keyboard too', async ({ reply }) => {
    const chat = await reply(table);
    const rows = chat.lastReply().getByTestId('table-block').locator('tbody tr');
    const firsts = async () => rows.locator('td:first-child').allInnerTexts();
    const heading = chat.lastReply().getByRole('columnheader', { name: 'Revenue' });
    const sort = chat.lastReply().getByRole('button', { name: 'Sort by Revenue' });
    await sort.click();
    await expect(heading).toHaveAttribute('aria-sort', 'ascending');
    expect(await firsts()).toEqual(['Asia', 'Europe', 'Africa']);
    await sort.press('Enter');
    await expect(heading).toHaveAttribute('aria-sort', 'descending');
    expect(await firsts()).toEqual(['Europe', 'Asia', 'Africa']);
    await sort.press('Enter');
    await expect(heading).not.toHaveAttribute('aria-sort');
    expect(await firsts()).toEqual(['Europe', 'Asia', 'Africa']);
  });

  test('are copied and downloaded as they are shown, without formulas', async ({ reply, page }) => {
    const chat = await reply(table);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await chat.lastReply().getByRole('button', { name: 'Sort by Region' }).click();
    await chat.lastReply().getByRole('button', { name: 'Copy table' }).click();
    const copied = "Region\tRevenue\tNote\nAfrica\t–\tc\nAsia\t900\ta, b\nEurope\t1,200\t'=1+1";
    await expect.poll(async () => clipboard(page)).toBe(copied);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      chat.lastReply().getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('region-revenue-note.csv');
    expect(await readFile(await file.path(), 'utf8')).toBe(
      '\uFEFFRegion,Revenue,Note\r\nAfrica,–,c\r\nAsia,900,"a, b"\r\nEurope,"1,200",\'=1+1\r\n',
    );
  });

  test('stay in order while they are written', async ({ reply }) => {
    const chat = await reply(table.replace('\n\nDone.', ''), { size: 8, every: 150 });
    const block = chat.lastReply().getByTestId('table-block');
    await expect(block.locator('tbody tr').first()).toBeVisible();
    await expect(chat.lastReply()).toHaveAttribute('data-status', 'streaming');
    await expect(block.getByRole('button')).toHaveCount(0);
    await chat.finish();
    await expect(block.getByRole('button', { name: /^Sort by/ })).toHaveCount(3);
  });
});

test.describe('formulas', () => {
  test('are set, read aloud as MathML, and load nothing from elsewhere', async ({ reply, page }) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const chat = await reply(
      'Mass $E = mc^2$ costs $20 and $30.\n\n\\[\n\\int_0^1 x^2\\,dx = \\frac{1}{3}\n\\]\n\nBad: $\\frac{1$ and $\\href{javascript:alert(1)}{x}$.\n',
    );
    const body = chat.lastReply().getByTestId('reply-body');
    await expect(body.locator('.katex')).toHaveCount(3);
    await expect(body.locator('.katex-display math').first()).toHaveAttribute('display', 'block');
    await expect(body).toContainText('costs $20 and $30.');
    await expect(body.locator('[data-broken]')).toHaveText('\\frac{1');
    await expect(body.locator('[href]')).toHaveCount(0);
    await page.evaluate(() => document.fonts.ready);
    expect(asked.filter((address) => !address.startsWith(chat.server.url))).toEqual([]);
    expect(asked.some((address) => /KaTeX_\w+-Regular.*\.woff2$/.test(address))).toBe(true);
  });

  test('show their source until they are complete', async ({ reply }) => {
    const chat = await reply(`Look:\n\n$$\n${'a + '.repeat(20)}z\n$$\n\nDone.`, { size: 6, every: 100 });
    const body = chat.lastReply().getByTestId('reply-body');
    await expect(body).toContainText('$$ a + a +');
    await expect(body.locator('.katex')).toHaveCount(0);
    await chat.finish();
    await expect(body.locator('.katex-display')).toHaveCount(1);
    await expect(body).not.toContainText('$$');
  });

  test('scroll when they are long', async ({ reply, page }) => {
    const chat = await reply(`$$\n${'x_{1} + '.repeat(80)}y\n$$\n`);
    const formula = chat.lastReply().getByRole('group', { name: 'Formula' });
    await formula.focus();
    await page.keyboard.press('End');
    expect(await formula.evaluate((element) => element.scrollWidth > element.clientWidth)).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
  });
});

test.describe('diagrams', () => {
  const flow = 'Look:\n\n```mermaid\nflowchart LR\n  A[Ask] --> B{Known?}\n  B -->|yes| C[Answer]\n```\n\nDone.\n';

  test('are drawn when asked for, apart from the page, and saved', async ({ reply, page }) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const chat = await reply(flow);
    const code = chat.lastReply().getByTestId('code-block');
    await expect(code).toContainText('flowchart LR');
    expect(asked.filter((address) => address.includes('mermaid'))).toEqual([]);
    await code.getByRole('button', { name: 'Show diagram' }).click();
    const frame = code.locator('iframe');
    await expect(frame).toHaveAttribute('sandbox', 'allow-scripts');
    await expect(frame).toHaveAttribute('data-drawn', 'true');
    const inside = code.frameLocator('iframe');
    await expect(inside.locator('svg').first()).toContainText('Answer');
    expect((await frame.boundingBox())?.height).toBeGreaterThan(60);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      code.getByRole('button', { name: 'Download SVG' }).click(),
    ]);
    expect(await readFile(await file.path(), 'utf8')).toMatch(/^<svg/);
    await code.getByRole('button', { name: 'Show code' }).click();
    await expect(code).toContainText('flowchart LR');
    await expect(frame).toHaveCount(0);
  });

  test('say what is wrong with them', async ({ reply }) => {
    const chat = await reply('```mermaid\nflowchart LR\n  A[Ask --> \n```\n');
    const code = chat.lastReply().getByTestId('code-block');
    await code.getByRole('button', { name: 'Show diagram' }).click();
    await expect(code.getByRole('alert')).toContainText(/could not be drawn.\s+(Parse|Lexical) error/);
    await code.getByRole('button', { name: 'Show code' }).click();
    await expect(code).toContainText('A[Ask');
  });

  test('of all kinds are drawn', async ({ reply }) => {
    const kinds = [
      'sequenceDiagram\n  A->>B: Hello',
      'classDiagram\n  Animal <|-- Duck',
      'stateDiagram-v2\n  [*] --> Still',
      'erDiagram\n  A ||--o{ B : has',
      'gantt\n  dateFormat YYYY-MM-DD\n  section S\n  T :a1, 2026-01-01, 3d',
      'pie\n  "a" : 1\n  "b" : 2',
      'gitGraph\n  commit\n  branch b\n  commit',
      'journey\n  section S\n  T: 5: Me',
      'timeline\n  2026 : Now',
      'mindmap\n  root\n    a',
      'quadrantChart\n  x-axis Low --> High\n  a: [0.3, 0.6]',
      'xychart-beta\n  x-axis [a, b]\n  y-axis "n" 0 --> 9\n  bar [1, 5]',
    ];
    const chat = await reply(kinds.map((code) => `\`\`\`mermaid\n${code}\n\`\`\``).join('\n\n'));
    const blocks = chat.lastReply().getByTestId('code-block');
    await expect(blocks).toHaveCount(kinds.length);
    for (let index = 0; index < kinds.length; index += 1) {
      await blocks.nth(index).getByRole('button', { name: 'Show diagram' }).click();
      await expect(blocks.nth(index).locator('iframe'), kinds[index]).toHaveAttribute('data-drawn', 'true');
      await blocks.nth(index).getByRole('button', { name: 'Show code' }).click();
    }
  });
});

// Without the fixture's watch: the frame's policy is to stop what Mermaid lets pass.
plain('diagrams reach nothing, whatever is written in them', async ({ page }) => {
  const scripted = await startScriptedModel();
  const server = await startServer('', scripted.env);
  const chat = new ChatPage(page, server);
  const asked: string[] = [];
  const dialogs: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  scripted.say(
    '```mermaid\nflowchart LR\n  A["<img src=https://evil.example/a.png onerror=alert(1)>"] --> B\n' +
      '  click A "javascript:alert(1)"\n  click B href "https://evil.example/b"\n' +
      '  style A fill:url(https://evil.example/c.svg)\n```\n',
  );
  await chat.signIn();
  await chat.ask('Say it');
  await chat.finish();
  const code = chat.lastReply().getByTestId('code-block');
  await code.getByRole('button', { name: 'Show diagram' }).click();
  await expect(code.locator('iframe[data-drawn="true"]').or(code.getByRole('alert'))).toBeVisible();
  expect(asked.filter((address) => !address.startsWith(server.url))).toEqual([]);
  expect(dialogs).toEqual([]);
  await expect(code.frameLocator('iframe').locator('[href^="javascript"]')).toHaveCount(0);
  await server.stop();
  await scripted.stop();
});
