// The HTTP interface for people: /chat-api/openapi.json laid out. Everything is text; nothing of it is markup.

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const longExample = 4000;

function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content.filter((part) => part !== null));
  return element;
}

const answer = await fetch('/chat-api/openapi.json');
const described = await answer.json();

function resolve(node) {
  let found = node;
  while (found?.$ref !== undefined)
    found = found.$ref
      .slice(2)
      .split('/')
      .reduce((part, key) => part[key], described);
  return found;
}

const nameOf = (node) => node?.$ref?.split('/').at(-1);

function linkTo(node) {
  const name = nameOf(node);
  return make('a', { href: `#schema-${name}` }, name);
}

/** What a schema takes, in a few words; other schemas are links. */
function kind(schema) {
  if (nameOf(schema) !== undefined) return [linkTo(schema)];
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.enum !== undefined) return [schema.enum.map((word) => JSON.stringify(word)).join(' | ')];
  if (schema.anyOf !== undefined)
    return schema.anyOf.flatMap((one, index) => (index === 0 ? kind(one) : [' | ', ...kind(one)]));
  const types = [schema.type ?? 'any'].flat().join(' | ');
  return schema.items === undefined ? [types] : [`${types} of `, ...kind(schema.items)];
}

function bounds(schema) {
  const { minimum, maximum, maxLength, maxItems } = schema;
  return [
    minimum === undefined ? null : `from ${minimum}`,
    maximum === undefined ? null : `to ${maximum}`,
    maxLength === undefined ? null : `at most ${maxLength} bytes`,
    maxItems === undefined ? null : `at most ${maxItems}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

function row(name, schema, required, about) {
  const limits = bounds(resolve(schema));
  return [
    make('dt', {}, make('code', {}, name), required ? ' required' : ''),
    make(
      'dd',
      {},
      make('span', { class: 'muted' }, ...kind(schema), limits === '' ? '' : ` (${limits})`),
      ' ',
      about ?? '',
    ),
  ];
}

function members(schema) {
  const { properties = {}, required = [] } = resolve(schema);
  const rows = Object.entries(properties).flatMap(([name, of]) =>
    row(name, of, required.includes(name), of.description),
  );
  return rows.length === 0 ? null : make('dl', {}, ...rows);
}

function sampleOf(schema) {
  const shape = resolve(schema);
  if (shape.examples !== undefined) return shape.examples[0];
  if (shape.anyOf !== undefined) return sampleOf(shape.anyOf[0]);
  if (shape.enum !== undefined) return shape.enum[0];
  const type = [shape.type].flat()[0];
  if (type === 'object') {
    const { properties = {}, required = [] } = shape;
    return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name])]));
  }
  return { string: 'text', integer: shape.minimum ?? 1, number: 1, boolean: true, array: [] }[type] ?? null;
}

const quoted = (text) => `'${String(text).replaceAll("'", String.raw`'\''`)}'`;

/** A request that can be pasted into a terminal. */
function curl(method, path, operation) {
  const given = operation.parameters.map(resolve);
  const filled = path.replaceAll(/\{(\w+)\}/gu, (_, name) =>
    encodeURIComponent(given.find((one) => one.name === name).example),
  );
  const query = given
    .filter((one) => one.in === 'query' && one.required)
    .map((one) => `${one.name}=${encodeURIComponent(one.example)}`)
    .join('&');
  const parts = ['curl'];
  if (resolve(operation.responses['200'])?.content?.['text/event-stream'] !== undefined) parts.push('-N');
  if (method !== 'get') parts.push(`-X ${method.toUpperCase()}`);
  if (operation.security?.length !== 0) parts.push('-H "Authorization: Bearer $API_TOKEN"');
  const schema = operation.requestBody?.content['application/json'].schema;
  if (schema !== undefined)
    parts.push(`-H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(sampleOf(schema)))}`);
  parts.push(quoted(`${window.location.origin}${filled}${query === '' ? '' : `?${query}`}`));
  return parts.join(' ');
}

const said = document.getElementById('said');
const find = document.getElementById('find');

function sample(text, label) {
  const button = make('button', { type: 'button', 'aria-label': `Copy ${label}` }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = 'Copied.';
    } catch {
      said.textContent = 'The browser does not let this page copy; select the text instead.';
    }
    setTimeout(() => said.replaceChildren(), 3000);
  });
  return make('div', { class: 'sample' }, make('pre', { tabindex: '0', 'aria-label': label }, text), button);
}

function exampleText(schema) {
  const [first] = resolve(schema).examples ?? [];
  if (first === undefined) return null;
  const text = typeof first === 'string' ? first : JSON.stringify(first, null, 2);
  return text.length > longExample ? null : text;
}

/** The codes that a refusal may have. */
function codesOf(content) {
  const [, narrowed] = content['application/problem+json']?.schema.allOf ?? [];
  return narrowed?.properties.code.enum ?? [];
}

function answerRow([status, node]) {
  const response = resolve(node);
  const content = response.content ?? {};
  const codes = codesOf(content);
  const parts =
    codes.length > 0
      ? codes.flatMap((code) => [make('code', {}, code), ' '])
      : Object.entries(content).flatMap(([media, of]) => [`${media}: `, ...kind(of.schema), ' ']);
  return [make('dt', {}, make('code', {}, status)), make('dd', {}, ...parts, make('small', {}, response.description))];
}

function answers(operation) {
  const entries = Object.entries(operation.responses);
  const shown = entries
    .flatMap(([, node]) => Object.values(resolve(node).content ?? {}))
    .map((of) => exampleText(of.schema ?? {}))
    .find((text) => text !== null);
  return [
    make('h3', {}, 'Answers'),
    make('dl', {}, ...entries.flatMap(answerRow)),
    shown === undefined ? null : sample(shown, 'example answer'),
  ];
}

function eventsOf(operation) {
  const schema = resolve(operation.responses['200'])?.content?.['text/event-stream']?.schema;
  const events = resolve(schema ?? {})['x-events'];
  if (events === undefined) return [];
  const rows = Object.entries(events).flatMap(([name, of]) => row(name, of, false, resolve(of).description));
  return [make('h3', {}, 'Events'), make('dl', {}, ...rows)];
}

function card([method, path, operation]) {
  const parameters = operation.parameters.map(resolve);
  const body = operation.requestBody?.content['application/json'].schema;
  return make(
    'details',
    { id: operation.operationId },
    make(
      'summary',
      {},
      make('span', { class: `method ${method}` }, method.toUpperCase()),
      ' ',
      make('code', {}, path),
      ' ',
      make('span', { class: 'muted' }, operation.summary),
    ),
    make(
      'div',
      { class: 'body' },
      ...(parameters.length === 0
        ? []
        : [
            make('h3', {}, 'Parameters'),
            make(
              'dl',
              {},
              ...parameters.flatMap((one) => row(`${one.name} (${one.in})`, one.schema, one.required, one.description)),
            ),
          ]),
      ...(body === undefined ? [] : [make('h3', {}, 'Body: ', linkTo(body)), members(body)]),
      make('h3', {}, 'Try it'),
      sample(curl(method, path, operation), `curl for ${operation.operationId}`),
      ...answers(operation),
      ...eventsOf(operation),
    ),
  );
}

const operations = Object.entries(described.paths).flatMap(([path, item]) =>
  methods.filter((method) => method in item).map((method) => [method, path, item[method]]),
);

function sectionOf({ name, description }) {
  const own = operations.filter(([, , operation]) => operation.tags.includes(name));
  return make(
    'section',
    { 'aria-labelledby': `tag-${name}` },
    make('h2', { id: `tag-${name}` }, name),
    make('p', { class: 'muted' }, description),
    ...own.map(card),
  );
}

function schemaCard([name, schema]) {
  const text = exampleText(schema);
  return make(
    'details',
    { id: `schema-${name}` },
    make('summary', {}, make('code', {}, name), ' ', make('span', { class: 'muted' }, schema.description ?? '')),
    make(
      'div',
      { class: 'body' },
      schema.properties === undefined ? make('p', {}, ...kind(schema)) : members(schema),
      text === null ? null : sample(text, `example of ${name}`),
    ),
  );
}

/** An address with a fragment opens what it names. */
function openNamed() {
  const named = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
  if (named?.localName !== 'details') return;
  find.value = '';
  filter('');
  named.open = true;
  named.scrollIntoView();
  named.querySelector('summary').focus({ preventScroll: true });
}

function filter(typed) {
  const words = typed
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  for (const section of document.querySelectorAll('section')) {
    const cards = [...section.querySelectorAll('details')];
    for (const one of cards) one.hidden = !words.every((word) => one.textContent.toLowerCase().includes(word));
    section.hidden = cards.every((one) => one.hidden);
  }
}

document.getElementById('version').textContent = described.info.version;
document.getElementById('about').textContent = described.info.description;
const main = document.getElementById('main');
main.append(
  ...described.tags.map(sectionOf),
  make(
    'section',
    { 'aria-labelledby': 'schemas' },
    make('h2', { id: 'schemas' }, 'Schemas'),
    ...Object.entries(described.components.schemas).map(schemaCard),
  ),
);
main.setAttribute('aria-busy', 'false');
document
  .getElementById('nav')
  .append(
    make(
      'ul',
      {},
      ...[...described.tags.map(({ name }) => [name, `tag-${name}`]), ['Schemas', 'schemas']].map(([name, id]) =>
        make('li', {}, make('a', { href: `#${id}` }, name)),
      ),
    ),
  );
find.addEventListener('input', (event) => filter(event.target.value));
window.addEventListener('hashchange', openNamed);
openNamed();
