import styled from 'styled-components';

import { c, columnWidth, radius } from '../../../shared/theme/theme';

export const Main = styled.main`
  display: flex;
  flex-direction: column;
  flex: 1;
  min-width: 0;
  min-height: 0;
  background: ${c.bg.canvas};
  &[data-empty='true'] {
    overflow-y: auto;
  }
  &[data-empty='true']::before,
  &[data-empty='true']::after {
    content: '';
    flex: 1 0 0;
  }
  &[data-empty='true']::after {
    flex-grow: 1.5;
  }
`;

export const Scroller = styled.div`
  flex: 1 1 0;
  min-height: 0;
  overflow-y: auto;
  overflow-anchor: none;
  scrollbar-gutter: stable both-edges;
  padding: 0 16px;
  &:focus-visible {
    outline-offset: -2px;
  }
  [data-empty='true'] > & {
    flex: none;
    overflow: visible;
  }
`;

export const Column = styled.div`
  width: 100%;
  max-width: ${columnWidth};
  margin: 0 auto;
`;

export const Thread = styled(Column)`
  padding: 16px 0 20px;
`;

/** Between what the model was not told and what it was. */
export const CutMark = styled.p`
  display: flex;
  align-items: center;
  gap: 12px;
  margin: 12px 0;
  color: ${c.fg.muted};
  font-size: 0.78rem;
  &::before,
  &::after {
    content: '';
    flex: 1;
    border-top: 1px dashed ${c.border.control};
  }
`;

export const Dock = styled.div`
  position: relative;
  flex: none;
  padding: 0 16px 10px;
`;

export const Title = styled.h1`
  margin: 8px 0 26px;
  font-size: clamp(1.6rem, 1.25rem + 1.6vw, 2.125rem);
  font-weight: 600;
  letter-spacing: -0.022em;
  text-align: center;
  line-height: 1.25;
`;

export const Suggestions = styled.ul`
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr));
  gap: 8px;
  margin-top: 14px;
  padding: 0;
  list-style: none;
  button {
    justify-content: space-between;
    width: 100%;
    min-height: 44px;
    padding: 8px 14px;
    border-color: ${c.border.default};
    font-size: 0.875rem;
    font-weight: 450;
    text-align: left;
  }
  svg {
    color: ${c.fg.muted};
  }
  button:hover svg {
    color: ${c.accent.default};
  }
`;

export const Disclaimer = styled.p`
  margin-top: 8px;
  ul + & {
    margin-top: 18px;
  }
  & + & {
    margin-top: 2px;
  }
  color: ${c.fg.muted};
  font-size: 0.78rem;
  text-align: center;
`;

export const Latest = styled.button`
  position: absolute;
  left: 50%;
  bottom: calc(100% + 10px);
  display: inline-flex;
  align-items: center;
  justify-content: center;
  width: 36px;
  height: 36px;
  padding: 0;
  transform: translateX(-50%);
  border: 1px solid ${c.border.control};
  border-radius: ${radius.full};
  background: ${c.bg.raised};
  box-shadow: ${c.shadow.raised};
  &:hover {
    background: ${c.bg.hover};
  }
`;

export const Missing = styled.div`
  display: flex;
  flex-direction: column;
  align-items: center;
  gap: 14px;
  padding: 12vh 0;
  text-align: center;
  h2 {
    font-size: 1.25rem;
    font-weight: 600;
  }
  p {
    color: ${c.fg.muted};
  }
`;
