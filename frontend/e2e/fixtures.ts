import { test as base, expect } from '@playwright/test';

import { ChatPage } from './pages/chat-page';
import { startServer, type Server } from './server';

interface Options {
  /** A model of the emulator; empty for the usual one. */
  model: string;
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

  server: async ({ model }, provide, info) => {
    const server = await startServer(model);
    await provide(server);
    await server.stop();
    if (info.status !== info.expectedStatus) await info.attach('server.log', { body: server.log() });
  },

  page: async ({ page }, provide) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedHTML|Trusted Type/i.test(message.text())) faults.push(`policy: ${message.text()}`);
    });
    await page.addInitScript(() => {
      const watched = window as unknown as Watched;
      watched.violations = [];
      document.addEventListener('securitypolicyviolation', (event) => {
        watched.violations?.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
      });
    });
    await provide(page);
    const violations = page.isClosed() ? [] : await page.evaluate(() => (window as unknown as Watched).violations ?? []);
    expect([...faults, ...violations], 'faults in the page').toEqual([]);
  },

  chat: async ({ page, server }, provide) => {
    const chat = new ChatPage(page, server);
    await chat.signIn();
    await provide(chat);
  },
});

export { expect } from '@playwright/test';
