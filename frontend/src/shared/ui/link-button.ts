import styled from 'styled-components';

import { c } from '../theme/theme';

/** A button within words: it looks like the links there. */
export const LinkButton = styled.button`
  min-height: 24px;
  padding: 2px 0;
  border: 0;
  background: none;
  color: ${c.fg.link};
  font: inherit;
  text-decoration: underline;
  text-underline-offset: 2px;
  cursor: pointer;
  &:disabled {
    opacity: 0.55;
    cursor: default;
  }
`;
