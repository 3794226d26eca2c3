/** What the page and the frame that shows a picture from elsewhere say to each other. */
export interface Order {
  address: string;
  alt: string;
}

export type Answer = { kind: 'ready' } | { kind: 'shown'; width: number; height: number } | { kind: 'failed' };

function members(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}

/** A name that a policy can hold as a source; others could say more than that. */
const plainHost = /^[a-z\d.-]+(?::\d+)?$/;

/** The one place that a picture may come from; null where pictures are not loaded from. */
export function sourceOf(address: string): string | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  const plain = url.protocol === 'https:' && url.username + url.password === '' && plainHost.test(url.host);
  return plain ? url.origin : null;
}

export function readOrder(data: unknown): Order | null {
  const { address, alt } = members(data);
  if (typeof address !== 'string' || typeof alt !== 'string') return null;
  return sourceOf(address) === null ? null : { address, alt };
}

const longest = 16_384;

/** A drawing without a size of its own has none. */
function readLength(value: unknown): number {
  return typeof value === 'number' && value >= 1 ? Math.min(Math.round(value), longest) : 300;
}

/** The frame has loaded what a stranger sent: nothing that it says is taken as it is. */
export function readAnswer(data: unknown): Answer | null {
  const { kind, width, height } = members(data);
  switch (kind) {
    case 'ready':
    case 'failed':
      return { kind };
    case 'shown':
      return { kind, width: readLength(width), height: readLength(height) };
    default:
      return null;
  }
}
