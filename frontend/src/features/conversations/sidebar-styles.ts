import styled from 'styled-components';

import { c, radius } from '../../shared/theme/theme';
import { Button } from '../../shared/ui/button';

export const Nav = styled.nav`
  display: flex;
  flex-direction: column;
  height: 100%;
  min-height: 0;
  padding: 12px;
  gap: 8px;
`;

/** As high as the bar beside it. */
export const Head = styled.div`
  display: flex;
  align-items: center;
  flex: none;
  height: 40px;
  margin-top: -6px;
  padding: 0 8px;
`;

export const NewChat = styled(Button)`
  justify-content: flex-start;
  border-color: ${c.border.default};
  text-decoration: none;
  font-weight: 500;
  svg {
    color: ${c.accent.default};
  }
`;

export const SearchField = styled.button`
  display: flex;
  align-items: center;
  gap: 8px;
  min-height: 36px;
  padding: 6px 8px 6px 14px;
  border: 1px solid transparent;
  border-radius: ${radius.medium};
  background: transparent;
  color: ${c.fg.muted};
  text-align: left;
  &:hover {
    color: ${c.fg.default};
    background: ${c.bg.hover};
  }
  span {
    flex: 1;
  }
  kbd {
    padding: 1px 6px;
    border: 1px solid ${c.border.default};
    border-radius: ${radius.small};
    background: ${c.bg.raised};
    font-size: 0.75rem;
  }
  @media (hover: none) {
    kbd {
      display: none;
    }
  }
`;

export const List = styled.div`
  flex: 1;
  min-height: 0;
  overflow-y: auto;
  margin: 0 -6px;
  padding: 2px 6px;
  h2 {
    margin: 8px 8px 2px;
    font-size: 0.875rem;
    font-weight: 600;
  }
  h3 {
    margin: 14px 8px 4px;
    color: ${c.fg.muted};
    font-size: 0.78rem;
    font-weight: 600;
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  > p {
    margin: 8px;
    color: ${c.fg.muted};
    font-size: 0.875rem;
  }
`;

export const Places = styled.ul`
  display: flex;
  gap: 4px;
  margin: 0 -4px;
  padding: 8px 0 0;
  border-top: 1px solid ${c.border.subtle};
  list-style: none;
  &[hidden] {
    display: none;
  }
  li {
    flex: 1;
  }
  a {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 34px;
    padding: 4px 10px;
    border-radius: ${radius.small};
    color: ${c.fg.muted};
    font-size: 0.875rem;
    text-decoration: none;
  }
  a:hover {
    background: ${c.bg.hover};
    color: ${c.fg.default};
  }
  a[aria-current] {
    background: ${c.bg.selected};
    color: ${c.fg.default};
    font-weight: 600;
  }
`;
