// Fails when what the first screen must load has grown too large (kB of brotli).
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const limits = {
  initial: 150,
  'src/features/markdown/engine.lazy.ts': 40,
  'src/features/markdown/highlight.lazy.ts': 35,
  'src/features/markdown/katex.lazy.tsx': 75,
  'mermaid-frame.html': 560,
};

function readDist(path) {
  try {
    return readFileSync(new URL(path, dist));
  } catch {
    console.error(`dist/${path} is missing: run "npm run build" first.`);
    process.exit(1);
  }
}

function kilobytes(file) {
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  return brotliCompressSync(readDist(file), options).length / 1000;
}

const manifest = JSON.parse(readDist('.vite/manifest.json').toString());

/** A chunk with everything that it imports at once. */
function closure(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const other of manifest[name]?.imports ?? []) closure(other, seen);
  return seen;
}

const first = closure('index.html');
const early = Object.keys(limits).filter((name) => first.has(name));
if (early.length > 0) {
  console.error(`These belong to a later moment, but the first screen loads them: ${early.join(', ')}.`);
  process.exit(1);
}
const initial = [...first].map((name) => manifest[name].file);
const sizes = { initial: initial.reduce((sum, file) => sum + kilobytes(file), kilobytes('theme-init.js')) };
for (const name of Object.keys(limits)) {
  if (name !== 'initial') sizes[name] = kilobytes(manifest[name]?.file ?? name);
}

let failed = false;
for (const [name, limit] of Object.entries(limits)) {
  const over = sizes[name] > limit;
  failed ||= over;
  console.log(`${over ? 'FAIL' : 'ok  '} ${name}: ${sizes[name].toFixed(1)} kB of ${limit} kB`);
}
process.exit(failed ? 1 : 0);
