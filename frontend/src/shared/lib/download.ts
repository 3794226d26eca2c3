/** Long enough for a browser that asks where to put it. */
const kept = 10_000;

/** Gives a person a file that the page has made. */
export function download(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, kept);
}

/** A name for a file that says what is in it, whatever the words are; without an ending. */
export function fileStem(words: string, otherwise: string): string {
  const stem = words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
  return stem === '' ? otherwise : stem;
}
