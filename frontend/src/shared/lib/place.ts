/** Below its button, or above where there is no room; never beyond the window. */
export function placePopover(panel: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = at.bottom + 4 + height <= window.innerHeight - 8;
  panel.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
  panel.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
}
