/** What the sources of a reply say; it comes with them. */
export const sourceTexts = {
  title: (count: number) => (count === 1 ? '1 source' : `${count} sources`),
  back: 'Back to sources',
  open: 'Open source',
  item: (n: number) => `Source ${n}`,
  list: 'Sources',
  empty: 'This source has no preview.',
};
