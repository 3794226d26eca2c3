export const chatTexts = {
  loading: { before: 'Loading earlier messages…', after: 'Loading later messages…' },
  notLoaded: 'These messages could not be loaded.',
  again: 'Try again',
};
