import { expect, test } from './fixtures';

test.describe('an agent that tells its sources', () => {
  test.use({ model: 'databricks-docs-assistant' });

  test('they stand below the reply, open, link only to the web and survive a reload', async ({ chat, page }) => {
    const sources = () => chat.lastReply().getByTestId('sources');
    const cards = () => sources().getByTestId('source-card');
    const detail = () => sources().getByTestId('source-detail');
    const back = () => detail().getByRole('button', { name: 'Back to sources' });

    const look = async () => {
      await expect(sources().getByRole('heading', { name: '3 sources' })).toBeVisible();
      await expect(cards()).toHaveCount(3);

      await cards().nth(0).click();
      await expect(detail()).toContainText('is made up');
      const link = detail().getByRole('link');
      await expect(link).toHaveAttribute('href', /^https:\/\/example\.com\//);
      await expect(link).toHaveAttribute('rel', /noopener/);
      await expect(back()).toBeFocused();
      await back().click();
      await expect(cards().nth(0)).toBeFocused();

      await cards().nth(1).click();
      await expect(detail()).toContainText('dbfs:/Volumes/');
      await expect(detail().getByRole('link')).toHaveCount(0);
      await back().click();

      await cards().nth(2).click();
      await expect(detail()).toContainText('without metadata');
      await expect(detail().getByRole('link')).toHaveCount(0);
      await back().click();
      await expect(cards()).toHaveCount(3);
    };

    await test.step('when the reply is complete', async () => {
      await chat.ask('Explain housing risk');
      await chat.seeItStream();
      await expect(sources()).toHaveCount(0);
      await chat.finish();
      await look();
    });

    await test.step('after a reload', async () => {
      await page.reload();
      await look();
    });

    await test.step('after a restart of the server', async () => {
      const address = page.url();
      await page.goto(await chat.server.restart());
      await page.goto(address);
      await look();
    });
  });
});
