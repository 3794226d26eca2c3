// The lists of chats, and what a person may do with one.
import { changed } from './feed.mjs';
import { bodyOf, empty, invalid, json, notFound, numberIn, Refusal } from './http.mjs';
import { chats, publicChat } from './state.mjs';

const lists = {
  current: (chat) => chat.deleted_at === null && !chat.archived,
  pinned: (chat) => chat.deleted_at === null && !chat.archived && chat.pinned,
  archived: (chat) => chat.deleted_at === null && chat.archived,
  trash: (chat) => chat.deleted_at !== null,
};
const longestTitle = 200;

export function chatOf(id) {
  const chat = chats.get(id);
  if (chat === undefined || chat.deleted_at !== null) throw notFound('chat');
  return chat;
}

function list({ response, url }) {
  const name = url.searchParams.get('list') ?? 'current';
  if (lists[name] === undefined) throw invalid('list', "'list' must be current, pinned, archived or trash.");
  const limit = numberIn(url, 'limit', 0, 1, 200);
  const from = url.searchParams.get('cursor') ?? '';
  if (from !== '' && !/^c\d+$/.test(from)) throw invalid('cursor', "'cursor' is not one that this server gave.");
  const time = (chat) => (name === 'trash' ? chat.deleted_at : chat.timestamp);
  const all = [...chats.values()].filter(lists[name]).toSorted((a, b) => time(b).localeCompare(time(a)));
  const start = from === '' ? 0 : Number(from.slice(1));
  const page = limit === 0 ? all : all.slice(start, start + limit);
  const more = start + page.length < all.length;
  json(response, 200, {
    sessions: page.map((chat) => publicChat(chat, url.searchParams.get('messages') !== 'none')),
    next_cursor: more ? `c${start + page.length}` : null,
  });
}

async function update({ request, response, parts }) {
  const chat = chatOf(parts[1]);
  const body = await bodyOf(request, {
    title: 'string?',
    pinned: 'boolean?',
    archived: 'boolean?',
    revision: 'number?',
  });
  if (body.title !== undefined && Buffer.byteLength(body.title) > longestTitle)
    throw invalid('title', `'title' may have at most ${longestTitle} bytes.`);
  if (body.revision !== undefined && body.revision !== chat.revision) {
    throw new Refusal(409, 'revision_conflict', 'The chat has been changed meanwhile.', { revision: chat.revision });
  }
  if (body.title !== undefined) chat.title = body.title.trim() === '' ? null : body.title.trim();
  if (body.pinned !== undefined) chat.pinned = body.pinned;
  if (body.archived !== undefined) chat.archived = body.archived;
  chat.revision += 1;
  changed('chat', chat.sessionId);
  json(response, 200, publicChat(chat, false));
}

function discard({ response, url, parts }) {
  const chat = chats.get(parts[1]);
  if (url.searchParams.get('forever') === 'true') {
    if (chat === undefined || chat.deleted_at === null) throw notFound('chat');
    chats.delete(parts[1]);
  } else {
    chatOf(parts[1]).deleted_at = new Date().toISOString();
    chat.revision += 1;
  }
  changed('deleted', parts[1]);
  empty(response);
}

function restore({ response, parts }) {
  const chat = chats.get(parts[1]);
  if (chat === undefined || chat.deleted_at === null) throw notFound('chat');
  chat.deleted_at = null;
  chat.revision += 1;
  changed('chat', chat.sessionId);
  json(response, 200, publicChat(chat, false));
}

function emptyTrash({ response }) {
  const gone = [...chats.values()].filter(lists.trash);
  for (const chat of gone) {
    chats.delete(chat.sessionId);
    changed('deleted', chat.sessionId);
  }
  json(response, 200, { erased: gone.length });
}

/** A page of a chat's messages, as the server gives it; all of them if nothing is asked for. */
function pageOf(messages, query) {
  if (!['limit', 'before', 'after', 'around'].some((name) => query.has(name))) return { messages };
  const limit = Number(query.get('limit') ?? 50);
  const at = (name) => messages.findIndex((message) => message.message_id === query.get(name));
  if (query.has('around') && at('around') < 0) throw notFound('message');
  let first = Math.max(0, messages.length - limit);
  if (query.has('around')) first = Math.max(0, at('around') - Math.floor(limit / 2));
  else if (query.has('after')) first = at('after') + 1;
  let end = first + limit;
  if ((query.get('before') ?? '') !== '') {
    end = at('before');
    first = Math.max(0, end - limit);
  }
  const page = messages.slice(first, end);
  return {
    messages: page,
    before: first > 0 ? (page[0]?.message_id ?? null) : null,
    after: end < messages.length ? (page.at(-1)?.message_id ?? null) : null,
  };
}

function readChat({ response, parts, url }) {
  const chat = publicChat(chatOf(parts[1]), true);
  json(response, 200, { ...chat, ...pageOf(chat.messages, url.searchParams) });
}

function readMessages({ response, parts, url }) {
  json(response, 200, pageOf(publicChat(chatOf(parts[1]), true).messages, url.searchParams));
}

export const libraryRoutes = [
  ['GET', 'chats', list],
  ['GET', 'chats/*', readChat],
  ['GET', 'sessions/*/messages', readMessages],
  ['PATCH', 'chats/*', update],
  ['DELETE', 'chats/*', discard],
  ['POST', 'chats/*/restore', restore],
  ['DELETE', 'trash', emptyTrash],
];
