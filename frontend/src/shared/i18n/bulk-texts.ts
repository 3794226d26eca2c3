/** Texts of what is done to several chats at once. */
export const bulkText = {
  region: 'Selected chats',
  count: (count: number) => (count === 1 ? '1 selected' : `${count} selected`),
  all: 'Select all',
  none: 'Select none',
  done: 'Leave the selection',
  pin: 'Pin',
  unpin: 'Unpin',
  archive: 'Archive',
  unarchive: 'Take out',
  remove: 'Delete',
  restore: 'Restore',
  erase: 'Delete for good',
  pinned: (count: number) => `${chats(count)} pinned`,
  unpinned: (count: number) => `${chats(count)} unpinned`,
  archived: (count: number) => `${chats(count)} archived`,
  unarchived: (count: number) => `${chats(count)} taken out of the archive`,
  removed: (count: number) => `${chats(count)} moved to the trash`,
  restored: (count: number) => `${chats(count)} restored`,
  erased: (count: number) => `${chats(count)} deleted for good`,
  eraseTitle: (count: number) => `Delete ${chats(count)} for good?`,
  eraseBody: (count: number) =>
    count === 1 ? 'It will be erased on all your devices.' : 'They will be erased on all your devices.',
  failed: (failed: number, why: string) => `${chats(failed)} could not be changed. ${why}`,
};

function chats(count: number): string {
  return count === 1 ? '1 chat' : `${count} chats`;
}
