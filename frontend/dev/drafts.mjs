// Drafts, one for each chat.
import { changed } from './feed.mjs';
import { bodyOf, empty, invalid, json } from './http.mjs';

const drafts = new Map();
const most = 200;

function list({ response }) {
  const newest = [...drafts.values()].toSorted((a, b) => b.updated_at.localeCompare(a.updated_at));
  json(response, 200, { drafts: newest.slice(0, most) });
}

export function dropDraft(id) {
  if (drafts.delete(id)) changed('draft', id);
}

async function put({ request, response, parts }) {
  const [, id] = parts;
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) throw invalid('session_id', "'session_id' is not valid.");
  const { content } = await bodyOf(request, { content: 'string' });
  if (content === '') dropDraft(id);
  else {
    drafts.set(id, { session_id: id, content, updated_at: new Date().toISOString() });
    changed('draft', id);
  }
  empty(response);
}

export const draftRoutes = [
  ['GET', 'drafts', list],
  ['PUT', 'drafts/*', put],
];
