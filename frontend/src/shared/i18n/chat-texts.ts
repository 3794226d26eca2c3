export const chatTexts = {
  loading: { before: 'Loading earlier messages…', after: 'Loading later messages…' },
  first: 'Go to the first message',
  notLoaded: 'These messages could not be loaded.',
  again: 'Try again',
};
