/** What the panel for feedback says; it comes with the panel. */
export const feedbackTexts = {
  region: 'Feedback on this reply',
  why: { up: 'What was good?', down: 'What was wrong?' },
  comment: 'Comment',
  optional: '(optional)',
  send: 'Send',
  skip: 'Skip',
  reasons: {
    accurate: 'Accurate',
    complete: 'Complete',
    clear: 'Clear',
    well_sourced: 'Good sources',
    inaccurate: 'Not accurate',
    incomplete: 'Incomplete',
    not_what_i_asked: 'Not what I asked',
    ignored_instructions: 'Ignored instructions',
    bad_sources: 'Bad sources',
    too_long: 'Too long',
    unsafe: 'Unsafe',
    other: 'Something else',
  },
} as const;
