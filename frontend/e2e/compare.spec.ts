import { lookAt } from './screen';
import { expect, test } from './fixtures';

test('two versions of a reply are compared word by word, by keyboard alone', async ({ chat, page }) => {
  await chat.ask('Hello, short please');
  await chat.finish();
  await chat.lastReply().getByRole('button', { name: 'More about this reply' }).click();
  await expect(page.getByRole('menuitem', { name: 'Details' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Compare versions' })).toHaveCount(0);
  await page.keyboard.press('Escape');

  // The emulator says the same each time, so the second version gets other words on its way here.
  await page.route('**/variants', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { variants: { content: string }[] };
    const [first, second] = body.variants;
    if (first !== undefined && second !== undefined) {
      first.content = 'The rent is **ten** euros a month.\n\nIt is due on Monday, as always.';
      second.content = 'The rent is **twelve** euros a month.\n\nIt is due on Monday.';
    }
    await route.fulfill({ response: answer, json: body });
  });
  await chat.lastReply().getByRole('button', { name: 'Regenerate reply' }).click();
  await expect(chat.lastReply().getByTestId('variants')).toContainText('2 of 2');
  await chat.finish();

  const menu = chat.lastReply().getByRole('button', { name: 'More about this reply' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: 'Compare versions' })).toBeFocused();
  await page.keyboard.press('Enter');
  const compare = page.getByRole('dialog', { name: 'Compare versions' });
  const text = compare.getByRole('region', { name: 'The differences' });
  await expect(compare.getByTestId('compare-sum')).toHaveText('3 words removed, 1 word added.');
  await expect(text.locator('del').first()).toContainText('ten');
  await expect(text.locator('ins').first()).toContainText('twelve');
  await expect(text.locator('del').last()).toContainText('as always');
  for (const line of ['line-through', 'underline']) {
    const mark = text.locator(line === 'underline' ? 'ins' : 'del').first();
    expect(await mark.evaluate((element) => getComputedStyle(element).textDecorationLine)).toBe(line);
  }
  await lookAt(page, 'comparison');

  await compare.getByRole('button', { name: 'Next change' }).press('Enter');
  await expect(page.getByTestId('announcer')).toContainText('Change 1 of 3. Removed: ten');
  await compare.getByRole('button', { name: 'Exchange the two versions' }).press('Enter');
  await expect(compare.getByTestId('compare-sum')).toHaveText('1 word removed, 3 words added.');
  await text.focus();
  await expect(text).toBeFocused();
  await compare.getByRole('button', { name: 'Show version 1' }).press('Enter');
  await expect(compare).toHaveCount(0);
  await expect(chat.lastReply().getByTestId('variants')).toContainText('1 of 2');
  await expect(menu).toBeFocused();
});

test('what was edited of a question is compared as it was written', async ({ chat, page }) => {
  await chat.ask('Explain *housing* risk');
  await chat.finish();
  const question = chat.questions.first();
  await question.hover();
  await expect(question.getByRole('button', { name: 'Compare versions' })).toHaveCount(0);
  await question.getByRole('button', { name: 'Edit and send again' }).click();
  const editor = page.getByRole('textbox', { name: 'Edit message' });
  await editor.fill('Explain *tenancy* risk, please');
  await editor.press('Enter');
  await expect(question.getByTestId('variants')).toContainText('2 of 2');
  await chat.finish();

  const button = question.getByRole('button', { name: 'Compare versions' });
  await button.focus();
  await page.keyboard.press('Enter');
  const compare = page.getByRole('dialog', { name: 'Compare versions' });
  const text = compare.getByRole('region', { name: 'The differences' });
  await expect(text.locator('del').first()).toContainText('housing');
  await expect(text.locator('ins').first()).toContainText('tenancy');
  await expect(text.locator('ins').last()).toContainText('please');
  await expect(text).toContainText('*');
  await lookAt(page, 'comparison of questions');
  await page.keyboard.press('Escape');
  await expect(button).toBeFocused();

  await page.keyboard.press('Enter');
  await compare.getByRole('button', { name: 'Exchange the two versions' }).press('Enter');
  await compare.getByRole('button', { name: 'Show version 1' }).press('Enter');
  await expect(compare).toHaveCount(0);
  await expect(question).toContainText('Explain *housing* risk');
  await expect(question.getByTestId('variants')).toContainText('1 of 2');
});
