import styled from 'styled-components';

import { c, radius } from '../../../shared/theme/theme';

export const Section = styled.section`
  font-size: 0.875rem;
  & + & {
    margin-top: 14px;
    padding-top: 12px;
    border-top: 1px solid ${c.border.subtle};
  }
  h3 {
    margin-bottom: 6px;
    font-size: 0.875rem;
    font-weight: 650;
  }
  p + p {
    margin-top: 2px;
  }
  p + button {
    margin-top: 8px;
  }
`;

export const Quiet = styled.p`
  margin-top: 6px;
  color: ${c.fg.muted};
  font-size: 0.8125rem;
`;

export const Facts = styled.dl`
  margin: 0;
  > div {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 22px;
    padding: 2px 0;
  }
  dt {
    color: ${c.fg.muted};
  }
  dt[data-part='true'] {
    padding-left: 14px;
  }
  dd {
    margin: 0 0 0 auto;
    text-align: right;
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }
  code {
    font-size: 0.8125rem;
    user-select: all;
  }
`;

export const Bars = styled.ol`
  display: grid;
  grid-template-columns: max-content minmax(3rem, 1fr) max-content;
  gap: 4px 12px;
  margin: 0 0 8px;
  padding: 0;
  list-style: none;
  li {
    display: grid;
    grid-column: 1 / -1;
    grid-template-columns: subgrid;
    align-items: center;
  }
  span {
    color: ${c.fg.muted};
  }
  b {
    font-weight: 500;
    text-align: right;
    font-variant-numeric: tabular-nums;
  }
  @media (max-width: 27rem) {
    grid-template-columns: 1fr max-content;
    li > div {
      grid-row: 2;
      grid-column: 1 / -1;
    }
  }
`;

export const Bar = styled.div`
  height: 10px;
  border-radius: ${radius.small};
  background: ${c.bg.hover};
  overflow: hidden;
  i {
    display: block;
    min-width: 2px;
    height: 100%;
    border-radius: ${radius.small};
    background: ${c.accent.default};
  }
  @media (forced-colors: active) {
    border: 1px solid CanvasText;
    i {
      background: Highlight;
      forced-color-adjust: none;
    }
  }
`;
