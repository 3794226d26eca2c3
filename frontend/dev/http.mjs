// Answers and bodies as the real server gives and takes them.
export class Refusal extends Error {
  constructor(status, code, detail, more = {}) {
    super(detail);
    Object.assign(this, { status, code, more });
  }
}

export const notFound = (what = 'address') => new Refusal(404, 'not_found', `There is no such ${what}.`);
export const invalid = (field, detail) => new Refusal(422, 'invalid_request', detail, { field });

export function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function empty(response) {
  response.writeHead(204);
  response.end();
}

export function problem(response, { status, code, message, more }) {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(
    JSON.stringify({
      type: 'about:blank',
      title: code,
      status,
      code,
      detail: message,
      request_id: 'dev-request',
      ...more,
    }),
  );
}

export function openEvents(response) {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
}

/** The body as an object whose members have these types; "?" allows none, nothing else is taken. */
export async function bodyOf(request, members) {
  let text = '';
  for await (const part of request) text += part;
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'invalid_json', 'The body is not valid JSON.');
  }
  for (const [name, kind] of Object.entries(members)) {
    const value = body[name];
    if (value === undefined && kind.endsWith('?')) continue;
    if (typeof value !== kind.replace('?', '')) throw invalid(name, `Field '${name}' is missing or of the wrong type.`);
  }
  return body;
}

export function numberIn(url, name, usual, least, most) {
  const given = url.searchParams.get(name);
  if (given === null) return usual;
  const value = Number(given);
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalid(name, `'${name}' must be a number from ${least} to ${most}.`);
  return value;
}
