import styled from 'styled-components';

import { c } from '../../shared/theme/theme';

export const TableScroll = styled.div`
  overflow-x: auto;
  overflow-wrap: normal;
  background: ${c.bg.canvas};
  &:focus-visible {
    outline-offset: -2px;
  }
  table {
    border-collapse: collapse;
    /* What does not fit scrolls; nothing is squeezed to a column of letters. */
    width: max-content;
    min-width: 100%;
    font-size: 0.9rem;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    min-width: 4.5rem;
    max-width: 22rem;
    padding: 7px 14px;
    text-align: left;
    border-bottom: 1px solid ${c.border.subtle};
    vertical-align: top;
  }
  th {
    position: relative;
    /* Room for the mark of the order, which comes when the table is complete. */
    padding-right: 34px;
    background: ${c.bg.code};
    font-weight: 600;
    white-space: nowrap;
  }
  tr:last-child td {
    border-bottom: 0;
  }
  [data-align='right'] {
    text-align: right;
  }
  td[data-align='right'] {
    white-space: nowrap;
  }
  [data-align='center'] {
    text-align: center;
  }
  th a {
    position: relative;
    z-index: 1;
  }
`;

export const SortButton = styled.button`
  position: absolute;
  inset: 0;
  display: flex;
  align-items: center;
  justify-content: flex-end;
  width: 100%;
  padding: 0 11px;
  border: 0;
  background: none;
  color: ${c.fg.muted};
  &:hover {
    color: ${c.fg.default};
  }
  th[aria-sort] & {
    color: ${c.accent.default};
  }
  &:focus-visible {
    outline-offset: -3px;
  }
`;
