import { expect, test } from './fixtures';

interface Manifest {
  start_url: string;
  display: string;
  icons: { src: string; sizes: string; type: string; purpose?: string }[];
}

test('the page can be installed: its manifest and every icon are there and are what they say', async ({
  chat,
  page,
}) => {
  const link = page.locator('link[rel="manifest"]');
  // Behind a proxy that signs people in, a manifest is only given to who sends the cookie.
  await expect(link).toHaveAttribute('crossorigin', 'use-credentials');
  const address = `${chat.server.url}${(await link.getAttribute('href')) ?? ''}`;
  const answer = await page.request.get(address);
  expect(answer.headers()['content-type']).toBe('application/manifest+json');
  const manifest = (await answer.json()) as Manifest;
  expect(manifest.display).toBe('standalone');
  expect((await page.request.get(`${chat.server.url}${manifest.start_url}`)).status()).toBe(200);

  const sizes = manifest.icons.filter((icon) => icon.type === 'image/png').map((icon) => icon.sizes);
  expect(sizes).toEqual(['192x192', '512x512', '512x512']);
  expect(manifest.icons.map((icon) => icon.purpose)).toContain('maskable');
  const touch = (await page.locator('link[rel="apple-touch-icon"]').getAttribute('href')) ?? '';
  for (const { src, sizes: size, type } of [...manifest.icons, { src: touch, sizes: '180x180', type: 'image/png' }]) {
    const icon = await page.request.get(`${chat.server.url}${src}`);
    expect(icon.status(), src).toBe(200);
    expect(icon.headers()['content-type'], src).toBe(type);
    if (type !== 'image/png') continue;
    const drawn = await page.evaluate(async (path) => {
      const image = new Image();
      image.src = path;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, src);
    expect(drawn, src).toBe(size);
  }

  // What the browser itself has to say of it.
  const session = await page.context().newCDPSession(page);
  const { errors } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.filter((one) => one.errorId !== 'in-incognito')).toEqual([]);
});

test('the browser’s bar has the colour of the theme that is shown', async ({ chat, page }) => {
  const bar = () =>
    page.evaluate(() => {
      const fits = [...document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')].filter(
        (meta) => window.matchMedia(meta.media).matches,
      );
      return fits.map((meta) => meta.content);
    });
  await page.emulateMedia({ colorScheme: 'light' });
  const light = ['#ffffff'];
  const dark = ['#14191d'];
  expect(await bar()).toEqual(light);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await bar()).toEqual(dark);
  await page.evaluate(() => {
    localStorage.setItem('chatbot.theme', 'light');
  });
  await page.reload();
  await expect(chat.field).toBeVisible();
  expect(await bar()).toEqual(light);
  await page.getByTestId('user-menu-button').click();
  await page.getByTestId('theme-dark').click();
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await bar()).toEqual(dark);
});
