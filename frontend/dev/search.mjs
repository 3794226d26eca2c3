// Search over titles and messages: words, "phrases", pref*, -not and the operators.
import { invalid, json, numberIn } from './http.mjs';
import { chats } from './state.mjs';

const around = 60;

function parse(query) {
  const wish = { terms: [], inTitle: false, role: null, rating: null, after: '', before: '' };
  for (const [, minus, phrase, bare] of query.matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)) {
    const operator = bare === undefined ? null : /^(in|from|rating|after|before):(\S+)$/.exec(bare);
    if (operator === null) addTerm(wish, minus === '-', phrase ?? bare);
    else operate(wish, operator[1], operator[2]);
  }
  return wish;
}

function addTerm(wish, excluded, words) {
  const text = words
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  if (text !== '') wish.terms.push({ text, excluded, prefix: words.endsWith('*') });
}

function operate(wish, name, value) {
  const allowed = {
    in: /^title$/,
    from: /^(me|assistant)$/,
    rating: /^(up|down)$/,
    after: /^\d{4}-\d\d-\d\d$/,
    before: /^\d{4}-\d\d-\d\d$/,
  };
  if (!allowed[name].test(value)) throw invalid('q', `'${name}:${value}' is not understood.`);
  if (name === 'in') wish.inTitle = true;
  else if (name === 'from') wish.role = value === 'me' ? 'user' : 'assistant';
  else wish[name] = value;
}

/** Where a term stands in a text, as pairs of UTF-16 positions. */
function places(text, term) {
  const words = term.text.split(' ').join(String.raw`[^\p{L}\p{N}]+`);
  const pattern = new RegExp(
    String.raw`(?<![\p{L}\p{N}])${words}${term.prefix ? '' : String.raw`(?![\p{L}\p{N}])`}`,
    'giu',
  );
  return Array.from(text.matchAll(pattern), (match) => [match.index, match.index + match[0].length]);
}

function find(text, wish) {
  const found = [];
  for (const term of wish.terms) {
    const here = places(text, term);
    if (term.excluded ? here.length > 0 : here.length === 0) return null;
    found.push(...here);
  }
  return found.toSorted((a, b) => a[0] - b[0]);
}

function snippet(text, found) {
  const start = Math.max(0, (found[0]?.[0] ?? 0) - around);
  const cut = text.slice(start, start + 3 * around);
  const matches = found
    .map(([begin, end]) => [begin - start, end - start])
    .filter(([begin, end]) => begin >= 0 && end <= cut.length);
  return {
    text: cut,
    matches: matches.slice(0, 16),
    cut_before: start > 0,
    cut_after: start + cut.length < text.length,
  };
}

function fits(wish, role, rating, timestamp) {
  if (wish.role !== null && wish.role !== role) return false;
  if (wish.rating !== null && wish.rating !== rating) return false;
  const day = timestamp.slice(0, 10);
  return (wish.after === '' || day >= wish.after) && (wish.before === '' || day < wish.before);
}

function hitsOf(chat, wish) {
  const title = chat.title ?? chat.firstQuery;
  const common = { session_id: chat.sessionId, title, archived: chat.archived, hidden: false };
  const hits = [];
  const named =
    wish.role === null && wish.rating === null && fits(wish, null, null, chat.timestamp) ? find(title, wish) : null;
  if (named !== null)
    hits.push({
      ...common,
      message_id: null,
      role: null,
      rating: null,
      timestamp: chat.timestamp,
      snippet: snippet(title, named),
    });
  if (wish.inTitle) return hits;
  for (const message of chat.messages) {
    const found = fits(wish, message.role, message.rating, message.timestamp) ? find(message.content, wish) : null;
    if (found === null) continue;
    hits.push({
      ...common,
      message_id: message.message_id,
      role: message.role,
      rating: message.rating,
      timestamp: message.timestamp,
      snippet: snippet(message.content, found),
    });
  }
  return hits;
}

function search({ response, url }) {
  const wish = parse(url.searchParams.get('q') ?? '');
  if (!wish.terms.some((term) => !term.excluded)) throw invalid('q', 'Type a word to look for.');
  const limit = numberIn(url, 'limit', 20, 1, 100);
  const cursor = url.searchParams.get('cursor');
  if (cursor !== null && !/^s\d+$/.test(cursor)) throw invalid('cursor', "'cursor' is not one that this server gave.");
  const start = cursor === null ? 0 : Number(cursor.slice(1));
  const all = [...chats.values()]
    .filter((chat) => chat.deleted_at === null)
    .flatMap((chat) => hitsOf(chat, wish))
    .toSorted((a, b) => b.timestamp.localeCompare(a.timestamp));
  const results = all.slice(start, start + limit);
  json(response, 200, {
    results,
    next_cursor: start + results.length < all.length ? `s${start + results.length}` : null,
  });
}

export const searchRoutes = [['GET', 'search', search]];
