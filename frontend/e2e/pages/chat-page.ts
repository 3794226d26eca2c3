import { expect, type Locator, type Page } from '@playwright/test';

import type { Server } from '../server';

/** What a person does on the page, by role and name wherever there is one. */
export class ChatPage {
  readonly field: Locator;
  readonly send: Locator;
  readonly stopButton: Locator;
  readonly replies: Locator;
  readonly questions: Locator;

  constructor(
    readonly page: Page,
    readonly server: Server,
  ) {
    this.field = page.getByRole('textbox', { name: 'Message' });
    this.send = page.getByRole('button', { name: 'Send message' });
    this.stopButton = page.getByRole('button', { name: 'Stop reply' });
    this.replies = page.locator('article[data-role="assistant"]');
    this.questions = page.locator('article[data-role="user"]');
  }

  async signIn(): Promise<void> {
    await this.page.goto(this.server.link);
    await expect(this.page.getByRole('heading', { name: 'What can I help with?' })).toBeVisible();
    await expect(this.page.getByTestId('suggestion-button')).toHaveCount(4);
  }

  async ask(words: string): Promise<void> {
    await this.field.fill(words);
    await this.field.press('Enter');
    await expect(this.field).toHaveValue('');
    await expect(this.questions.last()).toContainText(words);
  }

  lastReply(): Locator {
    return this.replies.last();
  }

  /** Waits until the last reply shows some text and is still being written. */
  async seeItStream(): Promise<void> {
    await expect(this.lastReply()).toHaveAttribute('data-status', 'streaming');
    await expect(async () => {
      expect((await this.words()).length).toBeGreaterThan(15);
    }).toPass({ intervals: [50] });
    await expect(this.lastReply()).toHaveAttribute('data-status', 'streaming');
  }

  async finish(): Promise<void> {
    await expect(this.lastReply()).toHaveAttribute('data-status', 'complete', { timeout: 60_000 });
  }

  /** All the words of the last reply, also those that are out of sight and not painted; not what it waits for. */
  async words(): Promise<string> {
    return this.wordsOf(this.lastReply());
  }

  async wordsOf(reply: Locator): Promise<string> {
    const body = reply.getByTestId('reply-body');
    return body.evaluate((element) => {
      const copy = element.cloneNode(true) as Element;
      for (const wait of copy.querySelectorAll('[data-testid="waiting"], [data-testid="reconnecting"]')) wait.remove();
      for (const block of copy.querySelectorAll('p, li, pre, tr, th, td, h1, h2, h3, h4, h5, h6')) block.append('\n');
      return (copy.textContent ?? '').trim();
    });
  }

  /** The list of chats, opened first where it is a drawer. */
  async openList(): Promise<Locator> {
    const list = this.page.getByRole('navigation', { name: 'Chats' });
    if (!(await list.isVisible())) await this.page.getByRole('button', { name: 'Open the list of chats' }).click();
    await expect(list).toBeVisible();
    return list;
  }

  async choose(title: string): Promise<void> {
    const list = await this.openList();
    await list
      .getByRole('link', {
        name: new RegExp(`^${title.replaceAll(/[?.]/g, String.raw`\$&`)}(?: \\(Reply in progress\\))?$`),
      })
      .click();
    await expect(this.page.getByTestId('chat-title')).toHaveText(title);
  }

  /** The menu of a chat in the list. */
  async options(title: string, action: string): Promise<void> {
    const list = await this.openList();
    await list.getByRole('button', { name: `Options for “${title}”` }).click({ force: true });
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  async closeList(): Promise<void> {
    const close = this.page.getByTestId('drawer-close');
    if (await close.isVisible()) await close.click();
  }

  /** Whether earlier messages are told to the model: a switch, or a field of the settings where there is no room. */
  async history(): Promise<boolean> {
    const toggle = this.page.getByRole('switch', { name: 'Include History' });
    if (await toggle.isVisible()) return toggle.isChecked();
    await this.page.getByTestId('chat-settings').click();
    const on = await this.page.getByTestId('settings-history').isChecked();
    await this.page.keyboard.press('Escape');
    return on;
  }

  async leaveHistoryOut(): Promise<void> {
    const toggle = this.page.getByRole('switch', { name: 'Include History' });
    if (await toggle.isVisible()) {
      await toggle.click();
      return;
    }
    await this.page.getByTestId('chat-settings').click();
    await this.page.getByTestId('settings-history').uncheck();
    await this.page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  }

  /** The name of a chat as the list shows it. */
  row(title: string): Locator {
    return this.page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: title, exact: true });
  }

  async newChat(): Promise<void> {
    const list = await this.openList();
    await list.getByRole('link', { name: 'New chat' }).click();
    await expect(this.page.getByTestId('welcome-message')).toBeVisible();
  }
}
