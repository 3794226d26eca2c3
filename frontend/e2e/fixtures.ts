import { test as base, expect, type Browser } from '@playwright/test';

import { ChatPage } from './pages/chat-page';
import { startServer, type Server } from './server';

interface Options {
  /** A model of the emulator, with others to choose behind commas; empty for the usual one. */
  model: string;
  /** Settings of the program that differ from the usual ones. */
  env: Record<string, string>;
  /** Chats that are there from the start, as an export tells them. */
  history: { chats: readonly object[] };
}

interface Fixtures {
  server: Server;
  /** Signed in, on the welcome screen. */
  chat: ChatPage;
}

interface Watched {
  violations?: string[];
}

/** Every test has its own program, and none may break the page's policy or throw in the page. */
export const test = base.extend<Fixtures & Options>({
  model: ['', { option: true }],
  env: [{}, { option: true }],
  history: [{ chats: [] }, { option: true }],

  server: async ({ model, env, history }, provide, info) => {
    const server = await startServer(model, env, history.chats);
    await provide(server);
    await server.stop();
    if (info.status !== info.expectedStatus) await info.attach('server.log', { body: server.log() });
  },

  page: async ({ page }, provide) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedHTML|Trusted Type/i.test(message.text()))
        faults.push(`policy: ${message.text()}`);
    });
    await page.addInitScript(() => {
      const watched = window as unknown as Watched;
      watched.violations = [];
      document.addEventListener('securitypolicyviolation', (event) => {
        watched.violations?.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
      });
    });
    await provide(page);
    const violations = page.isClosed()
      ? []
      : await page.evaluate(() => (window as unknown as Watched).violations ?? []);
    expect([...faults, ...violations], 'faults in the page').toEqual([]);
  },

  chat: async ({ page, server }, provide) => {
    const chat = new ChatPage(page, server);
    await chat.signIn();
    await provide(chat);
  },
});

/** Another browser of the same person. */
export async function otherDevice(chat: ChatPage, browser: Browser): Promise<ChatPage> {
  const context = await browser.newContext();
  await context.addCookies(await chat.page.context().cookies());
  return new ChatPage(await context.newPage(), chat.server);
}

/** The server as it is seen through a proxy on another port. */
export function through(server: Server, port: number): Server {
  const link = new URL(server.link);
  link.port = String(port);
  return { ...server, link: link.href, url: link.origin };
}

export { expect } from '@playwright/test';
