import type { KeyboardEvent } from 'react';

/** The key belongs to an input method; 229 is what browsers report of the one that ends a composition. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.nativeEvent.isComposing || event.keyCode === 229;
}

/** Enter that means "send": not with Shift, and not where it chooses a word. */
export function isSendKey(event: KeyboardEvent): boolean {
  return event.key === 'Enter' && !event.shiftKey && !isComposing(event);
}

/** Escape that means "leave", not "another word". */
export function isLeaveKey(event: KeyboardEvent): boolean {
  return event.key === 'Escape' && !isComposing(event);
}
