import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model that says what a test wants it to, in pieces of a given size and pace. */
export interface ScriptedModel {
  /** Settings with which the program asks it. */
  env: Record<string, string>;
  say: (reply: Reply, pace?: Pace) => void;
  stop: () => Promise<void>;
}

/** A text, or what is said to a question. */
export type Reply = string | ((question: string) => string);

export interface Pace {
  /** Characters of a piece. */
  size: number;
  /** Milliseconds between pieces; 0: all at once. */
  every: number;
}

const model = 'scripted';
const atOnce: Pace = { size: 400, every: 0 };

function chunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model, choices })}\n\n`;
}

async function stream(response: ServerResponse, reply: string, pace: Pace): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  // By code points: half a character is no text.
  const letters = Array.from(reply);
  let due = performance.now();
  for (let at = 0; at < letters.length && !response.destroyed; at += pace.size) {
    response.write(chunk({ content: letters.slice(at, at + pace.size).join('') }));
    // By the clock: a timer that was late does not slow down what follows.
    due += pace.every;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((next) => setTimeout(next, wait));
  }
  response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
}

async function whole(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function lastQuestion(body: string): string {
  const { messages } = JSON.parse(body) as { messages: { content: string }[] };
  return messages.at(-1)?.content ?? '';
}

async function respond(request: IncomingMessage, response: ServerResponse, said: Reply, pace: Pace): Promise<void> {
  const body = await whole(request);
  const reply = typeof said === 'string' || body === '' ? String(said) : said(lastQuestion(body));
  if (request.method !== 'POST') {
    respondJson(response, { object: 'list', data: [{ id: model, object: 'model' }] });
  } else if ((JSON.parse(body) as { stream?: boolean }).stream === true) {
    await stream(response, reply, pace);
  } else {
    const message = { role: 'assistant', content: reply };
    respondJson(response, {
      id: 'c1',
      object: 'chat.completion',
      model,
      choices: [{ index: 0, message, finish_reason: 'stop' }],
    });
  }
}

function respondJson(response: ServerResponse, answer: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
}

export async function startScriptedModel(): Promise<ScriptedModel> {
  let next: { reply: Reply; pace: Pace } = { reply: 'Nothing was scripted.', pace: atOnce };
  const server = createServer((request, response) => {
    void respond(request, response, next.reply, next.pace);
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    env: { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, SERVING_ENDPOINT_NAME: model },
    say: (reply, pace = atOnce) => {
      next = { reply, pace };
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => {
        server.close(closed);
      });
    },
  };
}
