import styled from 'styled-components';

import { c, radius } from '../theme/theme';

/** A square button that holds one icon; its name comes from aria-label. */
export const IconButton = styled.button`
  display: inline-flex;
  align-items: center;
  justify-content: center;
  flex: none;
  width: 32px;
  height: 32px;
  padding: 0;
  border: 1px solid transparent;
  border-radius: ${radius.small};
  background: transparent;
  color: ${c.fg.muted};
  transition:
    background-color 120ms,
    color 120ms;
  &:hover:not(:disabled) {
    background: ${c.bg.hover};
    color: ${c.fg.default};
  }
  &[aria-pressed='true'] {
    color: ${c.accent.default};
    border-color: ${c.accent.default};
  }
  &:disabled {
    opacity: 0.5;
  }
  @media (pointer: coarse) {
    width: 40px;
    height: 40px;
  }
`;
