import styled, { keyframes } from 'styled-components';

import { c, font, radius } from '../../../shared/theme/theme';

const turning = keyframes`
  to { transform: rotate(360deg); }
`;

export const ToolBox = styled.div`
  margin: 10px 0;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.code};
  font-size: 0.875rem;
  overflow: hidden;
`;

export const ToolLine = styled.button`
  display: flex;
  align-items: center;
  gap: 9px;
  width: 100%;
  min-height: 40px;
  padding: 7px 12px;
  border: 0;
  background: transparent;
  text-align: left;
  &:hover {
    background: ${c.bg.hover};
  }
  &:focus-visible {
    outline-offset: -2px;
  }
  > svg {
    flex: none;
    color: ${c.fg.muted};
  }
  > svg[data-turning] {
    color: ${c.accent.default};
    animation: ${turning} 1.1s linear infinite;
  }
  > svg[data-failed] {
    color: ${c.fg.danger};
  }
  > svg[data-open='true'] {
    transform: rotate(90deg);
  }
  @media (prefers-reduced-motion: reduce) {
    > svg[data-turning] {
      animation: none;
    }
  }
`;

export const ToolName = styled.span`
  flex: none;
  max-width: 60%;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  font-family: ${font.code};
  font-size: 0.8125rem;
  font-weight: 600;
`;

export const Brief = styled.span`
  flex: 1;
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  color: ${c.fg.muted};
`;

export const State = styled.span`
  flex: none;
  color: ${c.fg.muted};
  font-size: 0.8125rem;
  font-variant-numeric: tabular-nums;
  &[data-failed='true'] {
    color: ${c.fg.danger};
  }
`;

export const ToolBody = styled.div`
  padding: 2px 14px 12px;
  border-top: 1px solid ${c.border.subtle};
  h3 {
    margin: 10px 0 4px;
    font-size: 0.8125rem;
    font-weight: 600;
    color: ${c.fg.muted};
  }
  > div {
    margin: 4px 0;
  }
  pre {
    max-height: 20rem;
    overflow: auto;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  p {
    margin: 6px 0 0;
    color: ${c.fg.muted};
  }
`;

export const ToolHint = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px 12px;
  padding: 9px 14px 11px;
  border-top: 1px solid ${c.border.subtle};
  span {
    flex: 1 1 14rem;
    color: ${c.fg.muted};
  }
`;

export const Ask = styled.section`
  margin: 12px 0;
  padding: 12px 14px 14px;
  border: 1px solid ${c.border.control};
  border-left: 3px solid ${c.accent.default};
  border-radius: ${radius.medium};
  font-size: 0.9rem;
  h3 {
    display: flex;
    align-items: center;
    gap: 8px;
    font-size: 0.9375rem;
    font-weight: 650;
    overflow-wrap: anywhere;
  }
  h3 svg {
    flex: none;
    color: ${c.accent.default};
  }
  > p {
    margin: 6px 0;
    color: ${c.fg.muted};
  }
  > div {
    margin: 6px 0 0;
  }
  pre {
    max-height: 14rem;
    overflow: auto;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  &[data-answered='true'] {
    border-left-width: 1px;
    border-color: ${c.border.default};
  }
`;

export const Choice = styled.div`
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
  && {
    margin-top: 12px;
  }
`;

export const NoticeLine = styled.p`
  display: flex;
  gap: 8px;
  margin: 4px 0 10px;
  color: ${c.fg.muted};
  font-size: 0.875rem;
  svg {
    flex: none;
    margin-top: 0.2em;
  }
`;
