import styled from 'styled-components';

import { c, radius } from '../../shared/theme/theme';

export const Frame = styled.div`
  margin: 0.9em 0;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.code};
  overflow: hidden;
`;

/** What stands above code or a table: what it is, and what can be done with it. */
export const Bar = styled.div`
  display: flex;
  align-items: center;
  min-height: 36px;
  padding: 2px 4px 2px 14px;
  background: ${c.bg.codeBar};
  color: ${c.fg.muted};
  font-size: 0.8125rem;
  & > :first-child {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
`;

export const Region = styled.div`
  padding: 12px 14px;
  overflow-x: auto;
  font-size: 0.84rem;
  line-height: 1.55;
  tab-size: 4;
  overflow-wrap: normal;
  pre {
    margin: 0;
    font-size: 1em;
  }
  &[data-wrap='true'] {
    overflow-wrap: anywhere;
  }
  &[data-wrap='true'] pre {
    white-space: pre-wrap;
  }
  &:focus-visible {
    outline-offset: -2px;
  }
`;

export const FoldButton = styled.button`
  display: block;
  width: 100%;
  min-height: 34px;
  padding: 4px 14px;
  border: 0;
  border-top: 1px solid ${c.border.default};
  background: ${c.bg.code};
  color: ${c.fg.link};
  font-size: 0.8125rem;
  text-align: left;
  &:hover {
    background: ${c.bg.hover};
  }
  &:focus-visible {
    outline-offset: -2px;
  }
`;

export const DiagramButton = styled.button`
  min-height: 28px;
  margin-right: 4px;
  padding: 2px 10px;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.small};
  background: ${c.bg.raised};
  color: ${c.fg.default};
  font-size: inherit;
  &:hover {
    background: ${c.bg.hover};
  }
`;
