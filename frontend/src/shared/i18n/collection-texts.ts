/** What the archive and the trash say; it comes with them. */
export const collectionTexts = {
  archiveHint: 'Archived chats are out of the way, and still found by search.',
  archiveEmpty: 'Nothing is archived.',
  trashHint: 'Deleted chats wait here until they are restored or deleted for good.',
  trashEmpty: 'The trash is empty.',
  failed: 'This list could not be loaded.',
  last: (when: string) => `Last message ${when}`,
  deleted: (when: string) => `Deleted ${when}`,
};
