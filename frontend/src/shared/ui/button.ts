import styled from 'styled-components';

import { c, radius } from '../theme/theme';

export const Button = styled.button`
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 8px;
  min-height: 36px;
  padding: 6px 14px;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.medium};
  background: ${c.bg.raised};
  color: ${c.fg.default};
  font-weight: 500;
  line-height: 1.3;
  text-decoration: none;
  transition: background-color 120ms;
  &:hover:not(:disabled) {
    background: ${c.bg.hover};
  }
  &:disabled {
    opacity: 0.55;
  }
`;

export const PrimaryButton = styled(Button)`
  border-color: ${c.accent.default};
  background: ${c.accent.default};
  color: ${c.fg.onAccent};
  &:hover:not(:disabled) {
    background: ${c.accent.hover};
  }
`;

/** Does for good what a dialog has asked about. */
export const DangerPrimaryButton = styled(Button)`
  border-color: ${c.fg.danger};
  background: ${c.fg.danger};
  color: ${c.fg.onDanger};
  &:hover:not(:disabled) {
    background: ${c.fg.danger};
    text-decoration: underline;
  }
`;

export const DangerButton = styled(Button)`
  border-color: ${c.fg.danger};
  color: ${c.fg.danger};
  &:hover:not(:disabled) {
    background: ${c.bg.danger};
  }
`;
