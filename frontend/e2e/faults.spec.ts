import type { Browser } from '@playwright/test';

import { faultsBelow, type Fault } from './fault-table';
import { expect, test as base } from './fixtures';
import { ChatPage } from './pages/chat-page';
import { startServer } from './server';

/** The sections of docs/errors.md, and how long a model may take to begin there. */
const sections = [
  { heading: 'Instead of an answer', firstByte: '2s' },
  { heading: 'In the middle of an answer', firstByte: '10s' },
  { heading: 'Unusual answers', firstByte: '60s' },
] as const;

type Section = (typeof sections)[number];

/** One program, one page and many chats, whose models are the endpoints of one section. */
interface Desk {
  chat: ChatPage;
  leave: () => Promise<void>;
}

async function sitDown(browser: Browser, { heading, firstByte }: Section): Promise<Desk> {
  const server = await startServer('', {
    SERVING_ENDPOINTS: faultsBelow(heading)
      .map(({ name }) => `emu-${name}`)
      .join(','),
    FIRST_BYTE_TIMEOUT: firstByte,
    IDLE_TIMEOUT: '2s',
  });
  const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 800 } });
  const chat = new ChatPage(page, server);
  await chat.signIn();
  const leave = async () => {
    await page.close();
    await server.stop();
  };
  return { chat, leave };
}

const test = base.extend<object, { desk: (section: Section) => Promise<Desk> }>({
  desk: [
    async ({ browser }, provide) => {
      const desks = new Map<Section, Desk>();
      await provide(async (section) => {
        const desk = desks.get(section) ?? (await sitDown(browser, section));
        desks.set(section, desk);
        return desk;
      });
      for (const desk of desks.values()) await desk.leave();
    },
    { scope: 'worker' },
  ],
});

/** Asks one endpoint in a new chat and waits for the end. */
async function ask(chat: ChatPage, { name }: Fault): Promise<void> {
  const { page } = chat;
  await chat.newChat();
  await page.unroute('**/chat-api/chat');
  await page.route('**/chat-api/chat', (route) =>
    route.continue({
      postData: JSON.stringify({ ...(route.request().postDataJSON() as object), serving_endpoint: `emu-${name}` }),
    }),
  );
  await chat.ask(`In short: ${name}`);
  await expect(chat.lastReply()).toHaveAttribute('data-status', /complete|error|interrupted/, { timeout: 60_000 });
}

/** The code that programs get for the reply that is shown. */
async function codeOf({ page, server }: ChatPage, id: string): Promise<string> {
  const session = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const answer = await page.request.get(`${server.url}/chat-api/chats/${session}`);
  const { messages } = (await answer.json()) as { messages: { message_id: string; error?: { code: string } | null }[] };
  return messages.find((message) => message.message_id === id)?.error?.code ?? '';
}

/** What the person sees, in the words of the table. */
async function seen(chat: ChatPage, name: string): Promise<Fault> {
  const reply = chat.lastReply();
  const note = reply.getByTestId('reply-note');
  const noted = await note.isVisible();
  const status = (await reply.getAttribute('data-status')) ?? '';
  const body = reply.getByTestId('reply-body');
  const text = (await body.isVisible()) ? await chat.words() : '';
  const stands = status === 'complete' ? 'all' : 'part';
  return {
    name,
    code: await codeOf(chat, (await reply.getAttribute('data-message')) ?? ''),
    kept: text === '' ? 'none' : stands,
    status,
    sentence: noted ? await note.locator('span').first().innerText() : '',
    offered: noted ? await note.getByRole('button').allInnerTexts() : [],
  };
}

for (const section of sections)
  test.describe(section.heading, () => {
    for (const fault of faultsBelow(section.heading))
      test(`emu-${fault.name}`, async ({ desk }) => {
        const { chat } = await desk(section);
        await ask(chat, fault);
        await expect.poll(() => seen(chat, fault.name)).toEqual(fault);
      });
  });
