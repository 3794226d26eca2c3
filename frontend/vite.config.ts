import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** The server that `npm run dev` talks to: the real one, or the stand-in. */
const backend = process.env.CHATBOT_URL ?? 'http://127.0.0.1:8787';

/** Tells public/theme-init.js where the Markdown parser is, which only a conversation needs at once. */
function nameParser(): Plugin {
  return {
    name: 'name-parser',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const parser = Object.values(bundle ?? {}).find((part) => part.type === 'chunk' && part.name === 'engine.lazy');
        if (parser === undefined) return html;
        return html.replace('src="/theme-init.js"', `src="/theme-init.js" data-parser="/${parser.fileName}"`);
      },
    },
  };
}

/** Every browser that this page runs in reads the smallest of the three formats of KaTeX's fonts. */
function woff2Only(): Plugin {
  return {
    name: 'woff2-only',
    enforce: 'pre',
    transform(code, id) {
      if (!/katex[^?]*\.css/.test(id)) return null;
      return code.replaceAll(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\([^)]*\)/g, '');
    },
  };
}

/** Leaves out the adapter of axios that cannot read a stream, as axios itself leaves out the one for Node. */
function onlyFetch(): Plugin {
  return {
    name: 'only-fetch',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (source !== './xhr.js' || importer?.includes('/axios/lib/adapters/') !== true) return null;
      return this.resolve('../helpers/null.js', importer);
    },
  };
}

export default defineConfig({
  plugins: [react(), nameParser(), woff2Only(), onlyFetch()],
  resolve: {
    alias: {
      // The package's browser version sets innerHTML, which the page's policy forbids.
      'decode-named-character-reference': fileURLToPath(
        new URL('node_modules/decode-named-character-reference/index.js', import.meta.url),
      ),
    },
  },
  build: {
    target: ['chrome114', 'firefox125', 'safari17'],
    // Inlined data: URLs would be refused by the page's own policy.
    assetsInlineLimit: 0,
    manifest: true,
    license: { fileName: 'licenses.md' },
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // scripts/budget.mjs says how large it may be.
    chunkSizeWarningLimit: 1000,
    // What the first screen needs is one file: in pieces it is larger.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'page', tags: ['$initial'] }] } } },
  },
  server: { proxy: { '/chat-api': { target: backend, changeOrigin: false } } },
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    environment: 'node',
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
