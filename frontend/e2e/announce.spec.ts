import type { Page } from '@playwright/test';

import { expect, test } from './fixtures';

interface Change {
  at: number;
  region: string;
  text: string;
}

interface Watched {
  changes: Change[];
}

/** Notes everything that appears in a live region of the page. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watched = window as unknown as Watched;
    watched.changes = [];
    const live = '[role="status"], [role="log"], [role="alert"], [aria-live]:not([aria-live="off"])';
    const note = (node: Node) => {
      const element = node instanceof Element ? node : node.parentElement;
      const region = element?.closest(live);
      const text = (node.textContent ?? '').trim();
      if (region === null || region === undefined || text === '') return;
      watched.changes.push({ at: performance.now(), region: region.getAttribute('role') ?? 'live', text });
    };
    new MutationObserver((records) => {
      for (const record of records) {
        if (record.type === 'characterData') note(record.target);
        for (const node of record.addedNodes) note(node);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

const changes = (page: Page) => page.evaluate(() => (window as unknown as Watched).changes);

test('a reply is told by the sentence, never by the token', async ({ chat, page }) => {
  await watch(page);
  await chat.ask('Explain housing risk');
  await chat.seeItStream();
  const inside = await chat.lastReply().evaluate((reply) => {
    const live = '[role="status"], [role="log"], [role="alert"], [aria-live]';
    return { around: reply.closest(live) !== null, busy: reply.ariaBusy };
  });
  expect(inside.around).toBe(false);
  expect(inside.busy).toBe('true');
  await chat.finish();
  await expect.poll(async () => (await changes(page)).some((one) => one.text === 'Reply complete')).toBe(true);
  await page.waitForTimeout(4500);

  const all = await changes(page);
  const status = all.filter((one) => one.region === 'status').map((one) => one.text);
  expect(status.filter((text) => text.startsWith('Reply'))).toEqual(['Reply in progress', 'Reply complete']);

  const log = all.filter((one) => one.region === 'log');
  expect(log.length).toBeGreaterThan(1);
  expect(log.length).toBeLessThan(30);
  log.slice(1).forEach((one, index) => {
    expect(one.at - (log[index]?.at ?? 0), 'time between two').toBeGreaterThan(1500);
  });
  const said = log.map((one) => one.text).join(' ');
  expect(said).not.toMatch(/\*\*|```|\|--|^#/m);
  // What is said is on the page, word for word.
  const words = (await chat.words()).replaceAll(/\s+/g, ' ');
  expect(words).toContain((log[0]?.text ?? '').split('. ')[0]);
});

test('where only the beginning and the end are wanted, nothing else is told', async ({ chat, page }) => {
  await page.keyboard.press('Control+,');
  await page.getByRole('switch', { name: 'Give replies to the screen reader' }).click();
  await page.keyboard.press('Escape');
  await watch(page);
  await chat.ask('Explain housing risk');
  await chat.finish();
  await expect.poll(async () => (await changes(page)).some((one) => one.text === 'Reply complete')).toBe(true);
  await page.waitForTimeout(2500);
  expect((await changes(page)).map((one) => one.region)).not.toContain('log');
});
