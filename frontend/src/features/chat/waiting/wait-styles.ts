import styled from 'styled-components';

import { c } from '../../../shared/theme/theme';

/** A word to press within a sentence. */
export const StopLink = styled.button`
  min-height: 24px;
  padding: 2px 0;
  border: 0;
  background: none;
  color: ${c.fg.link};
  font: inherit;
  text-decoration: underline;
  text-underline-offset: 2px;
  cursor: pointer;
`;
