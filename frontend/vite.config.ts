import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** The server that `npm run dev` talks to: the real one, or the stand-in. */
const backend = process.env.CHATBOT_URL ?? 'http://127.0.0.1:8787';

/** Fetches the Markdown parser beside the page instead of after it. */
function preloadParser(): Plugin {
  return {
    name: 'preload-parser',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter(
          (part) => part.type === 'chunk' && part.name === 'engine.lazy',
        );
        return chunks.map((part) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: '', href: `/${part.fileName}` },
          injectTo: 'head',
        }));
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), preloadParser()],
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
