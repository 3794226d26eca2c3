function several(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

/** Texts of the comparison of two versions. */
export const compareTexts = {
  title: 'Compare versions',
  before: 'Before',
  after: 'After',
  version: (n: number, model: string, when: string) => [`${n}`, model, when].filter((word) => word !== '').join(' · '),
  swap: 'Exchange the two versions',
  loading: 'Loading the versions…',
  failed: (why: string) => `The versions could not be loaded. ${why}`,
  same: 'Word for word the same.',
  sum: (removed: number, added: number) =>
    `${removed} ${several(removed, 'word', 'words')} removed, ${added} ${several(added, 'word', 'words')} added.`,
  text: 'The differences',
  removed: 'Removed: ',
  added: 'Added: ',
  end: ' (end of the change) ',
  show: (n: number) => `Show version ${n}`,
  close: 'Close',
  previous: 'Previous change',
  next: 'Next change',
  at: (n: number, count: number) => `Change ${n} of ${count}`,
} as const;
