/**
 * Moves the focus to where typing goes on, because what had it is about to go away. Not where a
 * finger points: there it would open the keyboard on the screen.
 */
export function focusField(field: HTMLElement | null): void {
  if (!window.matchMedia('(pointer: coarse)').matches) field?.focus({ preventScroll: true });
}
