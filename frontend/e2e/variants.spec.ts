import { expect, test } from './fixtures';

test('a reply made anew is another version; each keeps its words, its rating and what followed it', async ({
  chat,
  page,
}) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await chat.lastReply().getByRole('button', { name: 'Good reply' }).click();
  await chat.ask('What does DHB mean?');
  await chat.finish();

  await chat.replies.first().getByRole('button', { name: 'Regenerate reply' }).click();
  await expect(chat.replies).toHaveCount(1);
  await chat.finish();
  const versions = chat.lastReply().getByTestId('variants');
  await expect(versions).toContainText('2 of 2');
  await expect(chat.lastReply().getByRole('button', { name: 'Good reply' })).toHaveAttribute('aria-pressed', 'false');

  const first = chat.replies.first();
  const before = first.getByRole('button', { name: 'Previous version' });
  await before.focus();
  await page.keyboard.press('Enter');
  await expect(first.getByTestId('variants')).toContainText('1 of 2');
  await expect(before).toBeFocused();
  await expect(chat.replies).toHaveCount(2);
  await expect(chat.replies.first().getByRole('button', { name: 'Good reply' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );

  await page.reload();
  await expect(chat.replies).toHaveCount(2);
  await expect(chat.replies.first().getByTestId('variants')).toContainText('1 of 2');
});

test('an edited question is asked again; both versions stay', async ({ chat, page }) => {
  await chat.ask('Explain housing risk');
  await chat.finish();
  await chat.ask('And in Auckland?');
  await chat.finish();

  const question = chat.questions.first();
  await question.hover();
  await question.getByRole('button', { name: 'Edit and send again' }).click();
  const editor = page.getByRole('textbox', { name: 'Edit message' });
  await expect(editor).toBeFocused();
  await editor.fill('Explain tenancy risk');
  await page.reload();
  await expect(editor).toHaveValue('Explain tenancy risk');
  await editor.press('Enter');
  await expect(chat.questions).toHaveCount(1);
  await expect(chat.questions.first()).toContainText('Explain tenancy risk');
  await chat.finish();
  await expect(question.getByTestId('variants')).toContainText('2 of 2');

  await question.getByRole('button', { name: 'Previous version' }).click();
  await expect(chat.questions).toHaveCount(2);
  await expect(chat.questions.first()).toContainText('Explain housing risk');
  await expect(chat.questions.last()).toContainText('And in Auckland?');
});

test('editing is left by Escape, with the focus where it was', async ({ chat, page }) => {
  await chat.ask('Hello');
  await chat.finish();
  const pencil = chat.questions.first().getByRole('button', { name: 'Edit and send again' });
  await pencil.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type(' there');
  await page.keyboard.press('Escape');
  await expect(pencil).toBeFocused();
  await expect(chat.questions.first()).toContainText('Hello');
  await expect(chat.questions.first()).not.toContainText('there');
});
