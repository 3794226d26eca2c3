// A stand-in for the server: the same interface, invented replies. Only for work on the page.
//   node dev/server.mjs [--port N]   serves dist/ and /chat-api
// With SIGNED_OUT set, it begins signed out and prints a sign-in link, as the real one does.
import { createServer } from 'node:http';

import { draftRoutes, dropDraft } from './drafts.mjs';
import { changed, feedRoutes } from './feed.mjs';
import { bodyOf, empty, invalid, json, notFound, openEvents, problem, Refusal } from './http.mjs';
import { libraryRoutes } from './library.mjs';
import { servePage } from './page.mjs';
import { startReply } from './replies.mjs';
import { searchRoutes } from './search.mjs';
import { chats, messageById, newChat, seed } from './state.mjs';

const asked = process.argv.indexOf('--port');
const port = asked < 0 ? 8787 : Number(process.argv[asked + 1]);
const suggestions = ['Explain housing risk', 'FOC abbr. in Healthcare', 'Improve my notes', 'What does DHB mean?'];
const open = process.env.SIGNED_OUT === undefined;
let used = false;
if (open) seed();

function stream(response, reply, after) {
  openEvents(response);
  reply.watch(response, after);
}

function needMessage(id) {
  const message = messageById(id);
  if (message === undefined) throw notFound('message');
  return message;
}

async function sendMessage({ request, response }) {
  const body = await bodyOf(request, {
    content: 'string',
    session_id: 'string',
    include_history: 'boolean?',
    message_id: 'string?',
  });
  if (/please fail/i.test(body.content))
    throw new Refusal(429, 'rate_limited', 'Too many messages. Try again in 20 seconds.');
  const sent = body.message_id === undefined ? undefined : messageById(body.message_id);
  const chat = chats.get(body.session_id) ?? newChat(body.session_id, body.content);
  if (chat.deleted_at !== null) throw notFound('chat');
  if (sent !== undefined)
    return stream(response, chat.messages.find((one) => one.parent_id === sent.message_id).reply, -1);
  if (chat.messages.some((message) => message.status === 'streaming')) {
    throw new Refusal(409, 'reply_in_progress', 'A reply is still being written in this chat.');
  }
  chat.timestamp = new Date().toISOString();
  dropDraft(chat.sessionId);
  return stream(response, startReply(chat, body.content, { id: body.message_id }), -1);
}

async function regenerate({ request, response }) {
  const body = await bodyOf(request, {
    message_id: 'string',
    original_content: 'string?',
    session_id: 'string',
    include_history: 'boolean?',
  });
  const message = needMessage(body.message_id);
  const chat = chats.get(body.session_id);
  if (chat === undefined) throw notFound('chat');
  stream(response, startReply(chat, body.original_content, { old: message }), -1);
}

function resume({ request, response, url, parts }) {
  const message = needMessage(parts[1]);
  const header = /\.(\d+)$/.exec(request.headers['last-event-id'] ?? '');
  const after = Number(header?.[1] ?? url.searchParams.get('after') ?? '0');
  if (message.reply === undefined || !message.reply.hasMore(after)) empty(response);
  else stream(response, message.reply, after);
}

function rate({ response, url, parts }) {
  const wish = url.searchParams.get('rating');
  const message = needMessage(parts[1]);
  if (!['up', 'down', 'null'].includes(wish)) throw invalid('rating', 'rating must be up, down or null');
  message.rating = wish === 'null' ? null : wish;
  changed('message', message.session_id, message.message_id);
  json(response, 200, { status: 'success', rating: message.rating });
}

function stop({ response, parts }) {
  const message = needMessage(parts[1]);
  message.reply?.stop();
  json(response, 200, { message_id: parts[1], status: message.status });
}

function signIn({ response }) {
  response.writeHead(
    303,
    used
      ? { location: '/signed-out?reason=link' }
      : { location: '/', 'set-cookie': 'dev=1; Path=/; HttpOnly; SameSite=Lax' },
  );
  used = true;
  response.end();
}

function signOut({ response }) {
  response.writeHead(303, { location: '/signed-out', 'set-cookie': 'dev=; Path=/; Max-Age=0' });
  response.end();
}

const always = [
  ['GET', '', ({ response }) => json(response, 200, { message: 'Databricks Chat API is running' })],
  ['GET', 'signin', signIn],
  ['GET', 'logout', signOut],
];

const accepts = {
  temperature: 1,
  max_tokens: true,
  thinking: ['off', 'low', 'medium', 'high'],
  thinking_or_temperature: true,
};
const endpoints = [
  { name: 'databricks-claude-sonnet-4-5', display_name: 'Claude Sonnet 4.5', kind: 'model', state: 'ready', accepts },
  {
    name: 'databricks-weather-agent',
    display_name: 'Weather',
    kind: 'agent',
    state: 'starting',
    accepts: { ...accepts, temperature: null, thinking: [] },
  },
];

const routes = [
  [
    'GET',
    'login',
    ({ response }) =>
      json(response, 200, { user_info: { email: 'ada@example.org', user_id: 'u1', username: 'Ada Lovelace' } }),
  ],
  [
    'GET',
    'config',
    ({ response }) =>
      json(response, 200, {
        model: 'databricks-claude-sonnet-4-5',
        models: [],
        endpoints,
        defaults: { history_messages: 20, context_tokens: 32_000, system_prompt: false },
        demo: true,
        version: 'dev',
        suggestions,
        limits: { content_bytes: 100_000 },
      }),
  ],
  ['POST', 'chat', sendMessage],
  ['POST', 'regenerate', regenerate],
  ['POST', 'messages/*/stop', stop],
  ['GET', 'messages/*/stream', resume],
  ['POST', 'messages/*/rate', rate],
  ...libraryRoutes,
  ...draftRoutes,
  ...searchRoutes,
  ...feedRoutes,
];

function pick(table, method, parts) {
  return table.find(([of, path]) => {
    const names = path === '' ? [] : path.split('/');
    return (
      of === method && names.length === parts.length && names.every((name, at) => name === '*' || name === parts[at])
    );
  })?.[2];
}

async function route(request, response, url) {
  const path = url.pathname.slice('/chat-api'.length);
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const context = { request, response, url, parts };
  try {
    const free = pick(always, request.method, parts);
    if (free !== undefined) return free(context);
    if (!open && !(request.headers.cookie ?? '').includes('dev=1'))
      throw new Refusal(401, 'unauthenticated', 'Sign in first.');
    const handler = pick(routes, request.method, parts);
    if (handler === undefined) throw notFound();
    return await handler(context);
  } catch (error) {
    return problem(response, error instanceof Refusal ? error : new Refusal(500, 'internal', String(error)));
  }
}

createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname.startsWith('/chat-api')) void route(request, response, url);
  else servePage(url, response);
}).listen(port, '127.0.0.1', () => {
  const link = open ? '/' : '/chat-api/signin?token=dev';
  console.log(`http://127.0.0.1:${port}${link}`);
});
