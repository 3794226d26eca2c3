// A stand-in for the server: the same interface, invented replies. Only for work on the page.
//   node dev/server.mjs [--port N]   serves dist/ and /chat-api
// With SIGNED_OUT set, it begins signed out and prints a sign-in link, as the real one does.
import { createServer } from 'node:http';

import { servePage } from './page.mjs';
import { startReply } from './replies.mjs';
import { chats, messageById, publicChat, seed } from './state.mjs';

const asked = process.argv.indexOf('--port');
const port = asked < 0 ? 8787 : Number(process.argv[asked + 1]);
const suggestions = ['Explain housing risk', 'FOC abbr. in Healthcare', 'Improve my notes', 'What does DHB mean?'];
const open = process.env.SIGNED_OUT === undefined;
let used = false;
if (open) seed();

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function problem(response, status, code, detail) {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: code, status, code, detail, request_id: 'dev-request' }));
}

async function bodyOf(request) {
  let text = '';
  for await (const part of request) text += part;
  return text === '' ? {} : JSON.parse(text);
}

function stream(response, reply, after) {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  reply.watch(response, after);
}

function sendMessage(response, body) {
  if (/please fail/i.test(body.content)) return problem(response, 429, 'rate_limited', 'Too many messages. Try again in 20 seconds.');
  const now = new Date().toISOString();
  let chat = chats.get(body.session_id);
  if (chat === undefined) {
    chat = { sessionId: body.session_id, firstQuery: body.content, title: null, timestamp: now, created_at: now, messages: [] };
    chats.set(chat.sessionId, chat);
  }
  if (chat.messages.some((message) => message.status === 'streaming')) {
    return problem(response, 409, 'reply_in_progress', 'A reply is still being written in this chat.');
  }
  chat.timestamp = now;
  return stream(response, startReply(chat, body.content), -1);
}

function regenerate(response, body) {
  const message = messageById(body.message_id);
  const chat = chats.get(body.session_id);
  if (message === undefined || chat === undefined) return problem(response, 404, 'not_found', 'There is no such message.');
  return stream(response, startReply(chat, body.original_content, message), -1);
}

function resume(request, response, id, url) {
  const message = messageById(id);
  if (message === undefined) return problem(response, 404, 'not_found', 'There is no such message.');
  const after = Number(url.searchParams.get('after') ?? '0');
  if (message.reply === undefined || !message.reply.hasMore(after)) {
    response.writeHead(204);
    return response.end();
  }
  return stream(response, message.reply, after);
}

async function route(request, response, url) {
  const path = url.pathname.slice('/chat-api'.length);
  const parts = path.split('/').filter((part) => part !== '').map(decodeURIComponent);
  const is = (method, ...names) => request.method === method && names.every((name, i) => name === '*' || parts[i] === name) && parts.length === names.length;
  if (is('GET')) return json(response, 200, { message: 'Databricks Chat API is running' });
  if (is('GET', 'signin')) {
    if (used) {
      response.writeHead(303, { location: '/signed-out?reason=link' });
      return response.end();
    }
    used = true;
    response.writeHead(303, { location: '/', 'set-cookie': 'dev=1; Path=/; HttpOnly; SameSite=Lax' });
    return response.end();
  }
  if (is('GET', 'logout')) {
    response.writeHead(303, { location: '/signed-out', 'set-cookie': 'dev=; Path=/; Max-Age=0' });
    return response.end();
  }
  if (!open && !(request.headers.cookie ?? '').includes('dev=1')) return problem(response, 401, 'unauthenticated', 'Sign in first.');
  if (is('GET', 'login')) return json(response, 200, { user_info: { email: 'ada@example.org', user_id: 'u1', username: 'Ada Lovelace' } });
  if (is('GET', 'config')) return json(response, 200, { model: 'databricks-claude-sonnet-4-5', models: [], demo: true, version: 'dev', suggestions, limits: { content_bytes: 100_000 } });
  if (is('POST', 'chat')) return sendMessage(response, await bodyOf(request));
  if (is('POST', 'regenerate')) return regenerate(response, await bodyOf(request));
  if (is('GET', 'chats')) return json(response, 200, { sessions: [...chats.values()].toSorted((a, b) => b.timestamp.localeCompare(a.timestamp)).map((chat) => publicChat(chat, false)), next_cursor: null });
  if (is('GET', 'chats', '*')) {
    const chat = chats.get(parts[1]);
    return chat === undefined ? problem(response, 404, 'not_found', 'There is no such chat.') : json(response, 200, publicChat(chat, true));
  }
  if (is('DELETE', 'chats', '*')) {
    chats.delete(parts[1]);
    response.writeHead(204);
    return response.end();
  }
  if (is('POST', 'messages', '*', 'stop')) {
    messageById(parts[1])?.reply?.stop();
    return json(response, 200, { message_id: parts[1], status: 'stopped' });
  }
  if (is('GET', 'messages', '*', 'stream')) return resume(request, response, parts[1], url);
  if (is('POST', 'messages', '*', 'rate')) {
    const wish = url.searchParams.get('rating');
    const message = messageById(parts[1]);
    if (message === undefined) return problem(response, 404, 'not_found', 'There is no such message.');
    if (!['up', 'down', 'null'].includes(wish)) return problem(response, 422, 'invalid_request', 'rating must be up, down or null');
    message.rating = wish === 'null' ? null : wish;
    return json(response, 200, { status: 'success', rating: message.rating });
  }
  return problem(response, 404, 'not_found', 'There is no such address.');
}

createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname.startsWith('/chat-api')) void route(request, response, url);
  else servePage(url, response);
}).listen(port, '127.0.0.1', () => {
  const link = open ? '/' : '/chat-api/signin?token=dev';
  console.log(`http://127.0.0.1:${port}${link}`);
});
