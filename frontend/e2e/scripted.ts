import { test as base } from './fixtures';
import type { ChatPage } from './pages/chat-page';
import { startScriptedModel, type Pace, type ScriptedModel } from './scripted-model';
import { startServer } from './server';

/** A conversation with a model that says what the test wants. */
export const test = base.extend<{
  scripted: ScriptedModel;
  reply: (markdown: string, pace?: Pace) => Promise<ChatPage>;
}>({
  // oxlint-disable-next-line no-empty-pattern
  scripted: async ({}, provide) => {
    const scripted = await startScriptedModel();
    await provide(scripted);
    await scripted.stop();
  },
  server: async ({ scripted }, provide) => {
    const server = await startServer('', scripted.env);
    await provide(server);
    await server.stop();
  },
  reply: async ({ chat, scripted }, provide) => {
    await provide(async (markdown, pace) => {
      scripted.say(markdown, pace);
      await chat.ask('Say it');
      if (pace === undefined) await chat.finish();
      return chat;
    });
  },
});

export { expect } from '@playwright/test';
