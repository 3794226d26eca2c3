import AxeBuilder from '@axe-core/playwright';
import { test as plain, type Page, type Request } from '@playwright/test';

import { ChatPage } from './pages/chat-page';
import { expect, test } from './scripted';
import { startScriptedModel } from './scripted-model';
import { startServer } from './server';

const site = 'https://pictures.example';
const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="160"><rect width="320" height="160" /></svg>';

/** The site, and what it is asked. */
async function open(page: Page): Promise<Request[]> {
  const asked: Request[] = [];
  await page.route(/^https:/, async (route) => {
    asked.push(route.request());
    const { pathname } = new URL(route.request().url());
    if (pathname === '/away.svg')
      await route.fulfill({ status: 302, headers: { Location: 'https://elsewhere.example/cat.svg' } });
    else if (pathname === '/none.svg') await route.fulfill({ status: 404, body: 'Nothing' });
    else await route.fulfill({ contentType: 'image/svg+xml', body: drawing });
  });
  return asked;
}

test('a picture from elsewhere is asked for by a click, and without a trace', async ({ reply, page }) => {
  const asked = await open(page);
  await page.context().addCookies([{ name: 'known', value: '1', url: site, sameSite: 'None', secure: true }]);
  await reply(`Look: ![a cat](${site}/cat.svg?of=me) and on.`);
  const picture = page.getByRole('group', { name: 'a cat (Picture from pictures.example)' });

  await test.step('it says what showing it means', async () => {
    await expect(picture).toContainText('If you show it, pictures.example learns your internet address.');
    await expect(picture.getByRole('link', { name: 'Open in a new tab' })).toHaveAttribute(
      'href',
      `${site}/cat.svg?of=me`,
    );
    await expect(page.locator('iframe')).toHaveCount(0);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    }
    expect(asked).toEqual([]);
  });

  await test.step('it is shown where it stands, by keyboard too', async () => {
    await picture.getByRole('button', { name: 'Show picture' }).focus();
    await page.keyboard.press('Enter');
    await expect(picture).toHaveAttribute('data-state', 'shown');
    const box = await picture.locator('iframe').boundingBox();
    expect(Math.round(box?.width ?? 0)).toBe(Math.min(320, Math.round((await picture.boundingBox())?.width ?? 0) - 2));
    expect(Math.round((box?.width ?? 0) / (box?.height ?? 1))).toBe(2);
    const inside = page.frameLocator('iframe').getByRole('img', { name: 'a cat' });
    await expect(inside).toBeVisible();
    await expect(picture.getByRole('button', { name: 'Hide picture' })).toBeFocused();
  });

  await test.step('its site hears of nobody and of no page', async () => {
    expect(asked.map((request) => request.url())).toEqual([`${site}/cat.svg?of=me`]);
    const headers = (await asked[0]?.allHeaders()) ?? {};
    expect(headers.referer).toBeUndefined();
    await expect(page.locator('iframe')).toHaveJSProperty('credentialless', true);
    expect(headers.origin).toBeUndefined();
  });

  await test.step('it is put away again', async () => {
    await page.keyboard.press('Enter');
    await expect(page.locator('iframe')).toHaveCount(0);
    await expect(picture).toHaveAttribute('data-state', 'hidden');
  });
});

test('what is no picture, or no safe one, is said so', async ({ reply, page }) => {
  const asked = await open(page);
  await reply(
    [
      `![gone](${site}/none.svg)`,
      '![plain](http://pictures.example/cat.svg)',
      '![script](javascript:alert(1))',
      '![vector](data:image/svg+xml;base64,PHN2Zy8+)',
      `[![in a link](${site}/cat.svg)](https://example.org/)`,
    ].join('\n\n'),
  );
  const pictures = page.getByTestId('picture');
  await expect(pictures).toHaveCount(2);
  await expect(page.getByRole('button', { name: 'Show picture' })).toHaveCount(1);
  await page.getByRole('button', { name: 'Show picture' }).click();
  await expect(pictures.first().getByRole('alert')).toHaveText('pictures.example sent no picture.');
  await expect(page.getByRole('button', { name: 'Show picture' })).toBeFocused();
  await expect(pictures.last()).toContainText('It comes unprotected, so it is not shown here.');
  await expect(page.getByRole('link', { name: 'in a link (Image from pictures.example)' })).toBeVisible();
  expect(asked.map((request) => request.url())).toEqual([`${site}/none.svg`]);
});

// Without the fixture's watch: here the frame's policy is to stop something.
plain('a site cannot lead the frame to another one', async ({ page }) => {
  const scripted = await startScriptedModel();
  scripted.say(`![moved](${site}/away.svg)`);
  const server = await startServer('', scripted.env);
  const asked = await open(page);
  const chat = new ChatPage(page, server);
  await chat.signIn();
  await chat.ask('Say it');
  await chat.finish();
  await page.getByRole('button', { name: 'Show picture' }).click();
  await expect(page.getByTestId('picture').getByRole('alert')).toBeVisible();
  expect(asked.map((request) => request.url())).toEqual([`${site}/away.svg`]);
  await server.stop();
  await scripted.stop();
});
