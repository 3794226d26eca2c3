import mermaid from 'mermaid';

import { coloursOf } from './colours';
import { readOrder, type Answer } from './messages';

/** Draws one diagram after the other in a page that can reach nothing: see vite.frames.config.ts. */

const limits = { maxTextSize: 50_000, maxEdges: 500 };
/** What a diagram may not decide for itself. */
const ours = ['layout', 'htmlLabels', 'themeCSS', 'fontFamily', 'altFontFamily', 'look'];
const unasked = ['secure', 'securityLevel', 'startOnLoad', 'suppressErrorRendering', ...Object.keys(limits)];

const place = document.querySelector('main');
let count = 0;

function tell(answer: Answer): void {
  // Whoever may embed this page is said by its policy; no answer holds anything but the diagram.
  parent.postMessage(answer, '*');
}

function heightOf(element: Element): number {
  return Math.ceil(element.getBoundingClientRect().height);
}

async function draw(code: string, dark: boolean): Promise<void> {
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    theme: 'base',
    themeVariables: coloursOf(dark),
    fontFamily: 'system-ui, sans-serif',
    // Labels of SVG's own: a saved file then needs no HTML.
    htmlLabels: false,
    suppressErrorRendering: true,
    layout: 'dagre',
    secure: [...unasked, ...ours],
    ...limits,
  });
  count += 1;
  const { svg } = await mermaid.render(`diagram-${count}`, code);
  if (place === null) return;
  place.innerHTML = svg;
  tell({ kind: 'drawn', svg, height: heightOf(place) });
}

addEventListener('message', (event) => {
  const order = event.source === parent ? readOrder(event.data) : null;
  if (order === null) return;
  draw(order.code, order.dark).catch((error: unknown) => {
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  });
});

if (place !== null) {
  new ResizeObserver(() => {
    tell({ kind: 'sized', height: heightOf(place) });
  }).observe(place);
}
tell({ kind: 'ready' });
