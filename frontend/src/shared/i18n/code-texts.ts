/** What the page says about code in a reply. */
export const codeText = {
  copy: 'Copy code',
  wrap: 'Wrap long lines',
  plain: 'text',
  region: (language: string) => `Code, ${language}`,
  showAll: (lines: string) => `Show all ${lines} lines`,
  showFewer: 'Show fewer lines',
};
