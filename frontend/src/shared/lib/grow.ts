/** A longer text fills the field anyway; measuring it would lay out all of it twice. */
const longText = 20_000;

/** Makes a field as high as its text, within what its style allows. */
export function growToText(area: HTMLTextAreaElement): void {
  if (area.value.length > longText) {
    area.style.height = '100vh';
    return;
  }
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight}px`;
}
