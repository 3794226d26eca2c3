// Makes src/shared/api/schema.ts of the OpenAPI document that the server prints, which is validated first.
//   node --run api-types             writes the file
//   node --run api-types -- --check  fails when it is not current
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Validator } from '@seriousme/openapi-schema-validator';
import { format, resolveConfig } from 'prettier';

const output = fileURLToPath(new URL('../src/shared/api/schema.ts', import.meta.url));
const program =
  process.env.CHATBOT_BIN ?? fileURLToPath(new URL('../../build/src/app/databricks-chatbot', import.meta.url));
const prefix = '/chat-api';
const methods = ['get', 'post', 'put', 'patch', 'delete'];

const document = JSON.parse(
  execFileSync(program, ['openapi'], { encoding: 'utf8', env: {}, cwd: '/', maxBuffer: 1 << 24 }),
);

function resolve(node) {
  if (node.$ref === undefined) return node;
  return node.$ref
    .slice(2)
    .split('/')
    .reduce((part, key) => part[key], document);
}

function comment(text) {
  return text === undefined ? '' : `/** ${text.replaceAll('*/', '*\\/')} */\n`;
}

function typeOfObject(schema) {
  const required = new Set(schema.required);
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, of]) => `${comment(of.description)}${name}${required.has(name) ? '' : '?'}: ${typeOf(of)};`,
  );
  if (schema.additionalProperties === true || members.length === 0) members.push('[name: string]: unknown;');
  return `{\n${members.join('\n')}\n}`;
}

const simple = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' };

function typeOfKind(kind, schema) {
  const { minItems, maxItems } = schema;
  if (kind === 'array' && minItems !== undefined && minItems === maxItems)
    return `[${Array(minItems).fill(typeOf(schema.items)).join(', ')}]`;
  if (kind === 'array') return `${wrapped(schema.items ?? {})}[]`;
  return kind === 'object' ? typeOfObject(schema) : simple[kind];
}

function wrapped(schema) {
  const type = typeOf(schema);
  return type.includes(' | ') ? `(${type})` : type;
}

function typeOf(schema) {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.type === undefined) return 'unknown';
  return [schema.type]
    .flat()
    .map((kind) => typeOfKind(kind, schema))
    .join(' | ');
}

/** What the page can name: JSON and what it consists of; whole files and streams are only text. */
function schemas() {
  return Object.entries(document.components.schemas)
    .filter(
      ([name, schema]) =>
        /^\w+$/u.test(name) &&
        (schema.type !== 'string' || schema.enum !== undefined || name === 'Id' || name === 'Time'),
    )
    .map(([name, schema]) => {
      const plain = schema.type === 'object';
      const head = plain ? `export interface ${name} ` : `export type ${name} = `;
      return `${comment(schema.description)}${head}${typeOf(schema)}${plain ? '' : ';'}\n`;
    });
}

function queryOf(operation) {
  const named = operation.parameters.map(resolve).filter((one) => one.in === 'query');
  if (named.length === 0) return 'undefined';
  const members = named.map(
    (one) => `${comment(one.description)}${one.name}${one.required ? '' : '?'}: ${typeOf(one.schema)};`,
  );
  return `{\n${members.join('\n')}\n}`;
}

function bodyOf(operation) {
  if (operation.requestBody === undefined) return 'undefined';
  const type = typeOf(operation.requestBody.content['application/json'].schema);
  return operation.requestBody.required ? type : `${type} | undefined`;
}

function successOf(operation) {
  return Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
}

function answerOf(operation) {
  const types = successOf(operation).map(([, response]) => {
    const json = resolve(response).content?.['application/json'];
    return json === undefined ? 'void' : typeOf(json.schema);
  });
  return [...new Set(types)].join(' | ');
}

function streams(operation) {
  return successOf(operation).some(([, response]) => 'text/event-stream' in (resolve(response).content ?? {}));
}

function operations(wanted) {
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith(`${prefix}/`))
    .flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method, operation]) => wanted(method, operation))
        .map(([, operation]) => [path.slice(prefix.length), operation]),
    );
}

function rows(found, answer) {
  return found.map(
    ([path, operation]) =>
      `${comment(operation.summary)}'${path}': { query: ${queryOf(operation)}; body: ${bodyOf(operation)}; answer: ${answer(operation)} };`,
  );
}

function routes() {
  const plain = methods.map((method) => {
    const found = operations(
      (name, operation) => name === method && successOf(operation).length > 0 && !streams(operation),
    );
    return `${method}: {\n${rows(found, answerOf).join('\n')}\n};`;
  });
  const live = operations((_, operation) => streams(operation));
  return `/** What is asked and answered, by method and path. */
export interface Routes {
${plain.join('\n')}
}

/** What is answered with server-sent events. */
export interface Streams {
${rows(live, () => 'ReplyEvent').join('\n')}
}
`;
}

async function generate() {
  const text = `// Made by \`node --run api-types\` of the server's OpenAPI document; do not edit.\n\n${[...schemas(), routes()].join('\n')}`;
  return format(text, { ...(await resolveConfig(output)), parser: 'typescript' });
}

function fail(...lines) {
  console.error(lines.join('\n'));
  process.exit(1);
}

const verdict = await new Validator().validate(document);
if (!verdict.valid) fail('The OpenAPI document is not valid:', JSON.stringify(verdict.errors, null, 2));
const text = await generate();
if (!process.argv.includes('--check')) writeFileSync(output, text);
else if (readFileSync(output, 'utf8') !== text)
  fail('src/shared/api/schema.ts is not what the server describes: build it, then run "node --run api-types".');
