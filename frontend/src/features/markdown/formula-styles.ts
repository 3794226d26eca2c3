import styled from 'styled-components';

/** What is not set (yet) as a formula. */
export const FormulaSource = styled.code`
  font-size: 0.88em;
  white-space: pre-wrap;
  &[data-display='true'] {
    display: block;
    margin: 0.9em 0;
    text-align: center;
  }
`;

/** Holds what KaTeX makes; a long formula scrolls by itself. */
export const FormulaPlace = styled.span`
  &[data-display='true'] {
    display: block;
    margin: 0.9em 0;
    padding: 2px 0;
    overflow: auto hidden;
    text-align: center;
  }
  &[data-display='true'] .katex-display {
    margin: 0;
  }
  &[data-broken] {
    font-family: ui-monospace, monospace;
    font-size: 0.88em;
    white-space: pre-wrap;
  }
  .katex {
    font-size: 1.12em;
  }
`;
