import styled from 'styled-components';

import { c, radius } from '../../shared/theme/theme';

export const Box = styled.dialog`
  width: min(46rem, calc(100vw - 32px));
  max-width: none;
  max-height: min(40rem, 84dvh);
  margin: 8dvh auto auto;
  padding: 0;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.large};
  background: ${c.bg.raised};
  color: ${c.fg.default};
  box-shadow: ${c.shadow.raised};
  overflow: hidden;
  &[open] {
    display: flex;
    flex-direction: column;
  }
  &::backdrop {
    background: ${c.bg.scrim};
  }
  @media (max-width: 599px) {
    width: 100vw;
    height: 100dvh;
    max-height: none;
    margin: 0;
    border: 0;
    border-radius: 0;
  }
`;

export const Bar = styled.div`
  display: flex;
  align-items: center;
  gap: 10px;
  flex: none;
  padding: 8px 8px 8px 18px;
  svg {
    color: ${c.fg.muted};
  }
  input {
    flex: 1;
    min-width: 0;
    min-height: 40px;
    padding: 0;
    border: 0;
    outline: 0;
    background: transparent;
    font-size: 1.0625rem;
  }
  input::placeholder {
    color: ${c.fg.placeholder};
    opacity: 1;
  }
  input::-webkit-search-cancel-button {
    display: none;
  }
  @media (max-width: 599px) {
    padding-left: 16px;
  }
`;

export const Chips = styled.div`
  display: flex;
  flex: none;
  flex-wrap: wrap;
  gap: 6px;
  padding: 2px 16px 12px;
  border-bottom: 1px solid ${c.border.subtle};
  button {
    min-height: 28px;
    padding: 2px 11px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.full};
    background: transparent;
    color: ${c.fg.default};
    font-size: 0.8125rem;
    line-height: 1.3;
  }
  button:hover {
    background: ${c.bg.hover};
  }
  button[aria-pressed='true'] {
    border-color: ${c.accent.default};
    background: ${c.accent.default};
    color: ${c.fg.onAccent};
  }
  @media (max-width: 599px) {
    flex-wrap: nowrap;
    overflow-x: auto;
    button {
      flex: none;
      min-height: 34px;
    }
  }
`;

export const Results = styled.div`
  flex: 1 1 auto;
  min-height: 6rem;
  overflow-y: auto;
  padding: 6px;
  scroll-padding: 6px;
  overscroll-behavior: contain;
`;

export const Label = styled.p`
  padding: 8px 12px 4px;
  color: ${c.fg.muted};
  font-size: 0.78rem;
  font-weight: 600;
`;

export const Option = styled.div`
  display: flex;
  align-items: flex-start;
  gap: 12px;
  padding: 9px 12px;
  border-radius: ${radius.medium};
  cursor: pointer;
  > svg {
    margin-top: 3px;
    color: ${c.fg.muted};
  }
  > div {
    flex: 1;
    min-width: 0;
  }
  &[aria-selected='true'] {
    background: ${c.bg.selected};
    box-shadow: inset 3px 0 0 ${c.accent.default};
  }
  &[data-plain='true'] {
    align-items: center;
    > svg {
      margin-top: 0;
    }
  }
  @media (forced-colors: active) {
    &[aria-selected='true'] {
      outline: 2px solid Highlight;
    }
  }
`;

export const TopLine = styled.div`
  display: flex;
  align-items: baseline;
  gap: 10px;
  b {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 0.9rem;
    font-weight: 600;
  }
  time {
    flex: none;
    color: ${c.fg.muted};
    font-size: 0.78rem;
  }
`;

export const Words = styled.p`
  margin-top: 2px;
  display: -webkit-box;
  -webkit-box-orient: vertical;
  -webkit-line-clamp: 2;
  overflow: hidden;
  overflow-wrap: anywhere;
  color: ${c.fg.muted};
  font-size: 0.84rem;
  line-height: 1.5;
  strong {
    color: ${c.fg.default};
    font-weight: 600;
  }
  mark,
  ${TopLine} & mark {
    border-radius: 3px;
    background: ${c.bg.mark};
    color: ${c.fg.default};
    font-weight: 600;
  }
`;

export const Mark = styled.mark`
  border-radius: 3px;
  background: ${c.bg.mark};
  color: ${c.fg.default};
`;

export const Badge = styled.span`
  flex: none;
  padding: 0 7px;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.full};
  color: ${c.fg.muted};
  font-size: 0.72rem;
  line-height: 1.5;
`;

export const Message = styled.div`
  padding: 28px 16px;
  color: ${c.fg.muted};
  text-align: center;
  font-size: 0.9rem;
  p + p {
    margin-top: 4px;
    font-size: 0.84rem;
  }
`;

export const Foot = styled.div`
  display: flex;
  flex: none;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px 16px;
  padding: 8px 16px;
  border-top: 1px solid ${c.border.subtle};
  background: ${c.bg.code};
  color: ${c.fg.muted};
  font-size: 0.78rem;
  > span {
    display: flex;
    gap: 5px;
    align-items: center;
  }
  kbd {
    padding: 0 5px;
    border: 1px solid ${c.border.default};
    border-radius: 4px;
    background: ${c.bg.raised};
    color: ${c.fg.default};
    font-size: 0.72rem;
  }
  > button {
    margin-left: auto;
    padding: 2px 6px;
    border: 0;
    border-radius: ${radius.small};
    background: transparent;
    color: ${c.fg.link};
    font-size: inherit;
    text-decoration: underline;
    text-underline-offset: 0.15em;
  }
  @media (hover: none), (max-width: 599px) {
    > span {
      display: none;
    }
    > button {
      min-height: 32px;
    }
  }
`;

export const Help = styled.div`
  flex: none;
  max-height: 40%;
  padding: 12px 18px;
  overflow-y: auto;
  border-top: 1px solid ${c.border.subtle};
  font-size: 0.8125rem;
  &:focus-visible {
    outline-offset: -2px;
  }
  dl {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 5px 16px;
    margin: 0;
  }
  dl > div {
    display: contents;
  }
  dt code {
    white-space: pre-wrap;
    color: ${c.fg.default};
  }
  dd {
    margin: 0;
    color: ${c.fg.muted};
  }
  @media (max-width: 599px) {
    dl {
      grid-template-columns: 1fr;
      gap: 0;
    }
    dd {
      margin-bottom: 6px;
    }
  }
`;
