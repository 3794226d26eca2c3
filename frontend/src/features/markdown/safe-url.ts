const schemes = new Set(['http:', 'https:', 'mailto:']);

/**
 * The address to link to, or null. Only absolute http, https and mailto addresses pass: a model's
 * relative address means nothing here, and could name a page of this very server.
 */
export function safeLink(address: string): string | null {
  let url: URL;
  try {
    url = new URL(address.trim());
  } catch {
    return null;
  }
  if (!schemes.has(url.protocol)) return null;
  if (url.protocol !== 'mailto:' && url.username + url.password !== '') return null;
  return url.href;
}

const inlineImage = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;

/** Pictures that come inside the text; remote ones are never loaded by themselves. */
export function inlineImageUrl(address: string): string | null {
  return inlineImage.test(address) ? address : null;
}

export function hostOf(address: string): string {
  try {
    const url = new URL(address);
    return url.host === '' ? url.protocol : url.host;
  } catch {
    return address;
  }
}
