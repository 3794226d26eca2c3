import { expect, test } from './fixtures';

test.describe('a phone whose keyboard is open', () => {
  test.use({ viewport: { width: 390, height: 420 }, hasTouch: true, isMobile: true });

  test('shows the composer and the words that are being written', async ({ chat, page }) => {
    // The keyboard takes its place from the page: it covers nothing.
    await expect(page.locator('meta[name="viewport"]')).toHaveAttribute(
      'content',
      /interactive-widget=resizes-content/,
    );
    const fits = async () => {
      const field = await chat.field.boundingBox();
      expect(field?.y).toBeGreaterThan(0);
      expect((field?.y ?? 0) + (field?.height ?? 0)).toBeLessThanOrEqual(420);
      const send = await page.getByTestId('send-button').or(page.getByTestId('stop-button')).boundingBox();
      expect((send?.y ?? 0) + (send?.height ?? 0)).toBeLessThanOrEqual(420);
      const screen = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        high: document.documentElement.scrollHeight - document.documentElement.clientHeight,
      }));
      expect(screen).toEqual({ wide: 0, high: 0 });
    };
    await chat.field.tap();
    await chat.field.scrollIntoViewIfNeeded();
    await expect(chat.field).toBeVisible();
    await chat.ask('Explain housing risk');
    await chat.seeItStream();
    await fits();
    await chat.finish();
    await fits();
    // A long text has room of its own, and leaves some for the reply.
    await chat.field.fill(Array.from({ length: 40 }, (_, n) => `Line ${n}`).join('\n'));
    await fits();
    const reply = await page.getByTestId('chat-content').boundingBox();
    expect(reply?.height).toBeGreaterThan(60);
    // The keyboard closes: the page takes the room.
    await page.setViewportSize({ width: 390, height: 844 });
    const dock = await page.getByTestId('fixed-input-wrapper').boundingBox();
    expect((dock?.y ?? 0) + (dock?.height ?? 0)).toBeGreaterThan(836);
  });
});
