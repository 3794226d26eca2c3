import { createHash } from 'node:crypto';

import type { Plugin } from 'vite';
import { defineConfig } from 'vite';

/**
 * Builds the pages that are shown inside the page, one for each mode. Each is one file with its script inside, because
 * a sandboxed frame has no origin of its own, so that neither cookies of a proxy nor module scripts come to it.
 */

interface Frame {
  input: string;
  output: string;
  title: string;
  /** What it may load beside its script and its styles. */
  policy: string;
  style: string;
  body: string;
}

const frames: Readonly<Record<string, Frame>> = {
  diagram: {
    input: 'src/diagram-frame/main.ts',
    output: 'mermaid-frame.html',
    title: 'Diagram',
    policy: '',
    style:
      'html{background:transparent}body{margin:0}main{padding:8px;box-sizing:border-box}' +
      'svg{display:block;max-width:100%;height:auto;margin:auto}',
    body: '<main aria-label="Diagram"></main>',
  },
  picture: {
    input: 'src/picture-frame/main.ts',
    output: 'picture-frame.html',
    title: 'Picture',
    policy: '; img-src https:',
    style:
      'html,body{height:100%;margin:0;background:transparent}' +
      'img{display:block;width:100%;height:100%;object-fit:contain;object-position:left top}',
    body: '',
  },
};

/** The kinds of diagrams that are drawn; each of the others would make the program larger. */
const kinds = new Set([
  'flowchart-v2',
  'sequence',
  'classDiagram',
  'stateDiagram',
  'er',
  'gantt',
  'pie',
  'gitGraph',
  'journey',
  'timeline',
  'mindmap',
  'quadrantChart',
  'xychart',
  'requirement',
  'sankey',
  'kanban',
  'block',
  'c4',
]);
const leftOut = 'virtual:left-out';
/** Ways to lay diagrams out and sets of icons that none of these needs. */
const others = /^katex$|\/(?:elk|swimlanes|bpmnIcons)-\w+\.mjs$/;

function fewerKinds(): Plugin {
  return {
    name: 'fewer-kinds',
    enforce: 'pre',
    resolveId(source) {
      return source === leftOut || others.test(source) ? `\0${leftOut}` : null;
    },
    load(id) {
      return id === `\0${leftOut}` ? 'throw new Error("This kind of diagram is not drawn here.");' : null;
    },
    transform(code, id) {
      if (!id.endsWith('mermaid.core.mjs')) return null;
      const found = new Set<string>();
      const fewer = code.replaceAll(
        /(var id\d* = "([\w-]+)";[^]*?await import\()"[^"]+"/g,
        (whole: string, head: string, kind: string) => {
          found.add(kind);
          return kinds.has(kind) ? whole : `${head}"${leftOut}"`;
        },
      );
      const missing = [...kinds].filter((kind) => !found.has(kind));
      if (missing.length > 0) throw new Error(`Mermaid has no ${missing.join(', ')} where it used to.`);
      return fewer;
    },
  };
}

function page({ title, policy: more, style, body }: Frame, script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'${more}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${body}
<script>${script}</script>
</body>
</html>
`;
}

/** Puts the one script into the one page. */
function inOneFile(frame: Frame): Plugin {
  return {
    name: 'in-one-file',
    generateBundle(_options, bundle) {
      const [script, ...more] = Object.values(bundle);
      if (script?.type !== 'chunk' || more.length > 0) throw new Error('More than one script came out.');
      const code = script.code.replaceAll(/<\/(script)/gi, String.raw`<\/$1`).replaceAll('<!--', String.raw`<\!--`);
      delete bundle[script.fileName];
      this.emitFile({ type: 'asset', fileName: frame.output, source: page(frame, code) });
    },
  };
}

export default defineConfig(({ mode }) => {
  const frame = frames[mode];
  if (frame === undefined) throw new Error(`--mode is one of ${Object.keys(frames).join(', ')}.`);
  return {
    publicDir: false,
    plugins: [...(mode === 'diagram' ? [fewerKinds()] : []), inOneFile(frame)],
    build: {
      target: ['chrome114', 'firefox125', 'safari17'],
      emptyOutDir: false,
      modulePreload: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 4000,
      rolldownOptions: {
        input: frame.input,
        transform: { define: { 'import.meta': '{}' } },
        output: { format: 'iife', codeSplitting: false },
      },
    },
  };
});
