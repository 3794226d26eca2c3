import type { ApiError } from '../../../shared/api/errors';
import { createStore, useStore } from '../../../shared/lib/store';

/** Until when nothing can be sent, and why. */
export interface Cooldown {
  until: number;
  sentence: string;
}

const cooldown = createStore<{ now: Cooldown | null }>(() => ({ now: null }));

/** Refusals that pass by themselves: a countdown says more than an error. */
const passing = new Set(['rate_limited', 'quota_exhausted', 'endpoint_resting', 'endpoint_busy']);

/** A sentence without its seconds: the clock says how many, and goes on doing so. */
export function lasting(sentence: string): string {
  return sentence.replace(/; [^;]* \d+ s\.$/u, '.');
}

/** True when the page now counts down instead of complaining. */
export function coolDown(error: ApiError, sentence: string): boolean {
  if (error.retryAfter === null || !passing.has(error.code)) return false;
  cooldown.setState({ now: { until: Date.now() + error.retryAfter * 1000, sentence: lasting(sentence) } });
  return true;
}

export function endCooldown(): void {
  cooldown.setState({ now: null });
}

export function useCooldown(): Cooldown | null {
  return useStore(cooldown, (state) => state.now);
}
