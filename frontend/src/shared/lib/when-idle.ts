/** At the latest after this, also on a page that is never idle. */
const timeout = 2000;

/** Does something when the page has nothing better to do. */
export function whenIdle(act: () => void): void {
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in globalThis) globalThis.requestIdleCallback(act, { timeout });
  else setTimeout(act, timeout / 10);
}
