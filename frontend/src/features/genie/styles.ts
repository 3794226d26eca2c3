import styled from 'styled-components';

import { c, font, radius } from '../../shared/theme/theme';

export const Line = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 2px 10px;
  margin: -2px 0 8px;
  color: ${c.fg.muted};
  font-size: 0.8125rem;
  em {
    font-style: normal;
    font-weight: 600;
    color: ${c.fg.default};
  }
  label {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    margin-left: auto;
  }
  @media (max-width: 599px) {
    label {
      margin-left: 0;
    }
  }
  select {
    min-height: 28px;
    padding: 2px 4px;
    border: 1px solid transparent;
    border-radius: ${radius.small};
    background: transparent;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  select:hover {
    border-color: ${c.border.control};
  }
  option {
    background: ${c.bg.raised};
    color: ${c.fg.default};
  }
`;

export const Steps = styled.div`
  display: flex;
  gap: 4px;
  width: min(16rem, 100%);
  margin: 8px 0 4px;
  i {
    flex: 1;
    height: 4px;
    border-radius: ${radius.full};
    background: ${c.border.default};
    transition: background-color 300ms;
  }
  i[data-done='true'] {
    background: ${c.accent.default};
  }
  @media (forced-colors: active) {
    i[data-done='true'] {
      background: Highlight;
    }
  }
`;

export const Card = styled.div`
  margin: 12px 0 4px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.raised};
  overflow: hidden;
`;

export const Head = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px 12px;
  padding: 8px 12px;
  border-bottom: 1px solid ${c.border.subtle};
  h3 {
    flex: 1 1 10rem;
    font-size: 0.9rem;
    font-weight: 600;
    overflow-wrap: anywhere;
  }
`;

export const Choice = styled.div`
  display: inline-flex;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.small};
  overflow: hidden;
  button {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 30px;
    padding: 2px 10px;
    border: 0;
    background: transparent;
    color: ${c.fg.muted};
    font: inherit;
    font-size: 0.8125rem;
    cursor: pointer;
  }
  button:hover {
    background: ${c.bg.hover};
  }
  button[aria-pressed='true'] {
    background: ${c.bg.selected};
    color: ${c.fg.default};
    font-weight: 600;
  }
  button:focus-visible {
    outline-offset: -2px;
  }
`;

export const Tool = styled.button`
  display: inline-flex;
  align-items: center;
  gap: 6px;
  min-height: 30px;
  padding: 2px 8px;
  border: 0;
  border-radius: ${radius.small};
  background: none;
  color: ${c.fg.muted};
  font: inherit;
  font-size: 0.8125rem;
  cursor: pointer;
  &:hover {
    background: ${c.bg.hover};
    color: ${c.fg.default};
  }
`;

export const Frame = styled.div`
  max-height: 26rem;
  overflow: auto;
  &:focus-visible {
    outline-offset: -2px;
  }
  table {
    width: max-content;
    min-width: 100%;
    border-collapse: separate;
    border-spacing: 0;
    font-size: 0.875rem;
    font-variant-numeric: tabular-nums;
  }
  th {
    position: sticky;
    top: 0;
    z-index: 1;
    padding: 0;
    background: ${c.bg.code};
    border-bottom: 1px solid ${c.border.default};
    text-align: left;
    white-space: nowrap;
  }
  th button {
    display: flex;
    align-items: center;
    gap: 4px;
    width: 100%;
    min-height: 36px;
    padding: 4px 12px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    font-weight: 600;
    cursor: pointer;
  }
  th button:hover {
    background: ${c.bg.hover};
  }
  th button:focus-visible {
    outline-offset: -2px;
  }
  th svg {
    flex: none;
    color: ${c.fg.muted};
  }
  th[aria-sort] svg {
    color: ${c.accent.default};
  }
  td {
    max-width: 24rem;
    padding: 6px 12px;
    border-bottom: 1px solid ${c.border.subtle};
    vertical-align: top;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  tr:last-child td {
    border-bottom: 0;
  }
  tbody tr:hover td {
    background: ${c.bg.code};
  }
  [data-kind='number'] {
    text-align: right;
    white-space: nowrap;
  }
  [data-kind='number'] button {
    justify-content: flex-end;
  }
  [data-kind='date'] {
    white-space: nowrap;
  }
  td i {
    color: ${c.fg.muted};
    font-size: 0.8em;
  }
`;

export const Figure = styled.div`
  padding: 14px 16px;
  strong {
    display: block;
    font-size: 2rem;
    font-weight: 650;
    line-height: 1.2;
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }
  span {
    color: ${c.fg.muted};
    font-size: 0.875rem;
  }
`;

export const Foot = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 2px 12px;
  padding: 4px 8px 4px 12px;
  border-top: 1px solid ${c.border.subtle};
  color: ${c.fg.muted};
  font-size: 0.8125rem;
  > span {
    flex: 1 1 auto;
    padding: 5px 0;
  }
`;

export const Sql = styled.details`
  border-top: 1px solid ${c.border.subtle};
  font-size: 0.8125rem;
  summary {
    min-height: 36px;
    padding: 8px 12px;
    color: ${c.fg.muted};
    font-weight: 500;
    cursor: pointer;
  }
  summary:hover {
    color: ${c.fg.default};
  }
  > div {
    position: relative;
  }
  > div > button {
    position: absolute;
    top: 4px;
    right: 6px;
    background: ${c.bg.code};
  }
  pre {
    max-height: 20rem;
    margin: 0;
    padding: 10px 48px 12px 14px;
    overflow: auto;
    background: ${c.bg.code};
    font: 0.8125rem/1.55 ${font.code};
    white-space: pre;
  }
`;

export const Chips = styled.div`
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
  margin: 10px 0 2px;
  button {
    min-height: 34px;
    padding: 4px 12px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.full};
    background: ${c.bg.raised};
    color: ${c.fg.default};
    font: inherit;
    font-size: 0.8125rem;
    text-align: left;
    cursor: pointer;
  }
  button:hover:not(:disabled) {
    background: ${c.bg.hover};
  }
  button:disabled {
    opacity: 0.55;
    cursor: default;
  }
`;

export const Plot = styled.div`
  padding: 10px 12px 8px;
  label {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    margin-bottom: 6px;
    color: ${c.fg.muted};
    font-size: 0.8125rem;
  }
  select {
    min-height: 30px;
    padding: 2px 6px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.small};
    background: ${c.bg.raised};
    color: ${c.fg.default};
    font: inherit;
  }
  svg {
    display: block;
    width: 100%;
  }
  text {
    fill: ${c.fg.muted};
    font-size: 12px;
    font-variant-numeric: tabular-nums;
  }
  .strong {
    fill: ${c.fg.default};
  }
  .grid {
    stroke: ${c.border.subtle};
  }
  .zero {
    stroke: ${c.border.control};
  }
  .bar {
    fill: ${c.accent.default};
  }
  .curve {
    fill: none;
    stroke: ${c.accent.default};
    stroke-width: 2;
    stroke-linejoin: round;
  }
  .dot {
    fill: ${c.accent.default};
    stroke: ${c.bg.raised};
    stroke-width: 1.5;
  }
  .spot {
    fill: transparent;
  }
  .spot:hover + .dot,
  g:hover > .dot {
    stroke: ${c.fg.default};
  }
  g:hover > .bar {
    fill: ${c.accent.hover};
  }
  @media (forced-colors: active) {
    .bar {
      fill: Highlight;
    }
    .curve {
      stroke: Highlight;
    }
  }
`;
