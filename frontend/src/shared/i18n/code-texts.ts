/** What the page says about code in a reply. */
export const codeText = {
  copy: 'Copy code',
  wrap: 'Wrap long lines',
  plain: 'text',
  region: (language: string) => `Code, ${language}`,
  showAll: (lines: string) => `Show all ${lines} lines`,
  showDiagram: 'Show diagram',
  showCode: 'Show code',
  diagram: 'Diagram',
  drawing: 'Drawing the diagram…',
  notDrawn: 'The diagram could not be drawn.',
  diagramSilent: 'Nothing came back. Show the code and try again.',
  saveDiagram: 'Download SVG',
  showFewer: 'Show fewer lines',
};
