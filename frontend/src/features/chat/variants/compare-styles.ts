import styled from 'styled-components';

import { c, radius } from '../../../shared/theme/theme';

export const Choices = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: end;
  gap: 8px;
  margin-bottom: 12px;
`;

export const Choice = styled.label`
  flex: 1 1 12rem;
  min-width: 0;
  color: ${c.fg.muted};
  font-size: 0.8125rem;
  select {
    display: block;
    width: 100%;
    min-height: 36px;
    margin-top: 2px;
    padding: 4px 8px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.small};
    background: ${c.bg.canvas};
    color: ${c.fg.default};
    font: inherit;
  }
`;

export const Sum = styled.div`
  display: flex;
  align-items: center;
  gap: 4px;
  min-height: 40px;
  p {
    flex: 1;
    font-size: 0.875rem;
  }
`;

/** Told apart by a line as well as by a ground: through what is gone, under what has come. */
export const Differences = styled.div`
  max-height: min(52vh, 34rem);
  padding: 12px 14px;
  overflow: auto;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.canvas};
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  tab-size: 4;
  del,
  ins {
    padding: 1px 0;
    border-radius: 2px;
    -webkit-box-decoration-break: clone;
    box-decoration-break: clone;
  }
  del {
    background: ${c.bg.danger};
    text-decoration: line-through;
    text-decoration-color: ${c.fg.danger};
  }
  ins {
    background: ${c.bg.selected};
    text-decoration: underline;
    text-decoration-color: ${c.accent.default};
    text-decoration-thickness: 2px;
    text-underline-offset: 3px;
  }
  [data-current='true'] {
    outline: 2px solid ${c.focus};
    outline-offset: 1px;
  }
`;
