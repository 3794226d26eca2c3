import styled from 'styled-components';

import { c, radius } from '../theme/theme';

/** What can be chosen in a menu, wherever the menu hangs. */
export const MenuItem = styled.button`
  display: flex;
  align-items: center;
  gap: 10px;
  width: 100%;
  min-height: 34px;
  padding: 5px 12px 5px 9px;
  border: 0;
  border-radius: ${radius.small};
  background: transparent;
  text-align: left;
  font-size: 0.875rem;
  &:hover,
  &:focus-visible {
    background: ${c.bg.hover};
  }
  &:focus-visible {
    outline-offset: -2px;
  }
  svg {
    color: ${c.fg.muted};
  }
  @media (pointer: coarse) {
    min-height: 44px;
  }
`;
