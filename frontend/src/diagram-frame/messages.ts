/** What the page and the frame that draws diagrams say to each other. */
export interface Order {
  code: string;
  dark: boolean;
}

export type Answer =
  | { kind: 'ready' }
  | { kind: 'drawn'; svg: string; height: number }
  | { kind: 'sized'; height: number }
  | { kind: 'failed'; reason: string };

function members(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}

export function readOrder(data: unknown): Order | null {
  const { code, dark } = members(data);
  return typeof code === 'string' ? { code, dark: dark === true } : null;
}

const highest = 4000;
const longestReason = 600;

function readHeight(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, 0), highest) : 0;
}

/** The frame has seen what a model wrote: nothing that it says is taken as it is. */
export function readAnswer(data: unknown): Answer | null {
  const { kind, svg, height, reason } = members(data);
  switch (kind) {
    case 'ready':
      return { kind };
    case 'drawn':
      return { kind, svg: typeof svg === 'string' ? svg : '', height: readHeight(height) };
    case 'sized':
      return { kind, height: readHeight(height) };
    case 'failed':
      return { kind, reason: typeof reason === 'string' ? reason.slice(0, longestReason) : '' };
    default:
      return null;
  }
}

/** Whether a drawing can be saved: nothing in it runs, links or loads. */
export function isInert(svg: string): boolean {
  if (!svg.startsWith('<svg')) return false;
  const plain = svg.replaceAll(/\sxmlns(?::\w+)?="http:\/\/www\.w3\.org\/[\w/]+"/g, '');
  return !/<(?:script|iframe|object|embed|image|img|use|a|foreignObject)\b|\son\w+\s*=|javascript:|data:|https?:|@import|url\(\s*["']?(?!#)/i.test(
    plain,
  );
}
