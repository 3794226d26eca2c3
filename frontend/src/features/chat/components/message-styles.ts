import styled, { keyframes } from 'styled-components';

import { c, radius } from '../../../shared/theme/theme';

/** Reaches a little beyond the column: what is skipped while out of sight is also cut at its edge. */
export const Article = styled.article`
  margin: 0 -10px;
  padding: 10px;
  content-visibility: auto;
  contain-intrinsic-size: auto 160px;
  &[data-live='true'] {
    content-visibility: visible;
  }
  border-radius: ${radius.medium};
  transition: background-color 400ms;
  scroll-margin: 12px 0;
  &:focus:not(:focus-visible) {
    outline: none;
  }
  &:focus-visible {
    outline: 2px solid ${c.focus};
    outline-offset: -2px;
  }
  &[data-found] {
    background: ${c.bg.found};
    box-shadow: inset 3px 0 0 ${c.accent.default};
  }
  @media (forced-colors: active) {
    &[data-found] {
      outline: 2px solid Highlight;
    }
  }
`;

export const Bubble = styled.div`
  width: fit-content;
  max-width: min(85%, 36rem);
  margin-left: auto;
  padding: 9px 15px;
  /* An edge where the system chooses the colours. */
  border: 1px solid transparent;
  border-radius: ${radius.large};
  background: ${c.bg.bubble};
  white-space: pre-wrap;
  overflow-wrap: anywhere;
`;

export const Header = styled.div`
  display: flex;
  align-items: center;
  gap: 8px;
  margin-bottom: 6px;
  h2 {
    font-size: 0.875rem;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  svg {
    color: ${c.accent.default};
  }
`;

const pulse = keyframes`
  0%, 100% { opacity: 0.35; }
  50% { opacity: 1; }
`;

export const Waiting = styled.p`
  display: flex;
  align-items: baseline;
  gap: 10px;
  min-height: 1.6em;
  color: ${c.fg.muted};
  &::before {
    content: '';
    flex: none;
    width: 8px;
    height: 8px;
    /* Between the height of a small letter and the line it stands on. */
    margin-bottom: 1px;
    border-radius: 50%;
    background: ${c.accent.default};
    animation: ${pulse} 1.4s ease-in-out infinite;
  }
`;

export const Note = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px 12px;
  margin-top: 10px;
  padding: 8px 12px;
  border-radius: ${radius.medium};
  background: ${c.bg.code};
  border: 1px solid ${c.border.subtle};
  color: ${c.fg.muted};
  font-size: 0.875rem;
  &[data-kind='error'] {
    background: ${c.bg.danger};
    color: ${c.fg.danger};
    border-color: transparent;
  }
  span {
    flex: 1 1 14rem;
  }
`;

export const Footer = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 2px;
  min-height: 34px;
  margin: 6px 0 0 -8px;
`;

export const QuietButton = styled.button`
  min-height: 32px;
  padding: 0 8px;
  border: 0;
  border-radius: ${radius.small};
  background: transparent;
  color: ${c.fg.muted};
  font-size: 0.8125rem;
  text-decoration: underline;
  text-decoration-color: ${c.border.control};
  text-underline-offset: 3px;
  &:hover {
    background: ${c.bg.hover};
    color: ${c.fg.default};
  }
  @media (pointer: coarse) {
    min-height: 40px;
  }
`;

export const ReasoningBox = styled.details`
  margin-bottom: 10px;
  color: ${c.fg.muted};
  font-size: 0.875rem;
  summary {
    width: fit-content;
    padding: 3px 6px 3px 2px;
    border-radius: ${radius.small};
    cursor: pointer;
    font-weight: 500;
  }
  summary:hover {
    color: ${c.fg.default};
  }
  div {
    margin: 4px 0 0 4px;
    padding: 2px 0 2px 14px;
    border-left: 2px solid ${c.border.default};
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
`;
