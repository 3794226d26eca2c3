/** What a screen reader is told of what cannot be read word by word. */
export const speechTexts = {
  code: (language: string, lines: number) =>
    `${language === '' ? 'Code' : `Code in ${language}`}, ${lines === 1 ? '1 line' : `${lines} lines`}.`,
  tooLong: 'The rest of this reply is not read aloud. It is on the page.',
} as const;
