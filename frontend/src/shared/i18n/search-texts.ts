const helpTerms = {
  words: ['rent income', 'both words, anywhere in a message'],
  phrase: ['"rent share"', 'the words together'],
  prefix: ['hous*', 'every word that begins so'],
  without: ['-draft', 'without this word'],
  title: ['in:title', 'only in the names of chats'],
  from: ['from:me  from:assistant', 'who wrote it'],
  rating: ['rating:up  rating:down', 'how you rated it'],
  dates: ['after:2026-01-31  before:2026-03-01', 'when it was written'],
} as const;

/** What the search says; it comes with it. */
export const searchTexts = {
  title: 'Search chats and messages',
  placeholder: 'Search everything you have written or read',
  close: 'Close search',
  clear: 'Clear',
  results: 'Results',
  suggestions: 'Places and recent chats',
  filters: 'Filters',
  chips: {
    me: 'From me',
    assistant: 'From the model',
    up: 'Rated good',
    down: 'Rated bad',
    title: 'Titles only',
    week: 'Last 7 days',
    month: 'Last 30 days',
  },
  searching: 'Searching…',
  count: (count: number, more: boolean) =>
    more ? `${count} results and more` : count === 1 ? '1 result' : `${count} results`,
  none: 'Nothing was found.',
  noneHint: 'Try fewer words, or the beginning of one followed by *.',
  wordless: 'Add a word to look for.',
  failed: (why: string) => `The search failed. ${why}`,
  more: 'More results',
  you: 'You',
  chatTitle: 'Title',
  archived: 'Archived',
  hidden: 'In a version not shown',
  hiddenHint:
    'What you looked for is in a version of this chat that is not shown. Switch versions with ‹ and › below the messages.',
  keys: { move: 'to move', choose: 'to open', leave: 'to close', escape: 'Esc' },
  help: 'What can I type?',
  helpTerms,
};
