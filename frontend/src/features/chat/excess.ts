const encoder = new TextEncoder();

/** Nobody makes this fit by hand; laying it out would only stop the page for a while. */
export function isHopeless(text: string, limit: number): boolean {
  return text.length > 2 * limit;
}

/** By how many characters a text is longer than `limit` bytes of UTF-8, about; 0: it fits. */
export function excessOf(text: string, limit: number): number {
  if (text.length * 3 <= limit) return 0;
  // Each unit takes a byte at least: there is no need to count what cannot fit.
  if (isHopeless(text, limit)) return text.length - limit;
  const bytes = encoder.encode(text).length;
  return bytes <= limit ? 0 : Math.max(Math.ceil(((bytes - limit) * text.length) / bytes), 1);
}
