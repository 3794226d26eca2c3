import styled from 'styled-components';

import { c, radius } from '../theme/theme';

const Control = styled.button`
  display: inline-flex;
  align-items: center;
  gap: 8px;
  min-height: 28px;
  padding: 2px 6px 2px 0;
  border: 0;
  border-radius: ${radius.small};
  background: transparent;
  color: ${c.fg.muted};
  font-size: 0.8125rem;
  text-align: left;
  &:hover {
    color: ${c.fg.default};
  }
  span {
    position: relative;
    flex: none;
    width: 34px;
    height: 20px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.full};
    background: ${c.bg.hover};
    transition: background-color 120ms;
  }
  span::after {
    content: '';
    position: absolute;
    top: 2px;
    left: 2px;
    width: 14px;
    height: 14px;
    border-radius: 50%;
    background: ${c.fg.muted};
    transition: transform 120ms;
  }
  &[aria-checked='true'] span {
    border-color: ${c.accent.default};
    background: ${c.accent.default};
  }
  @media (forced-colors: active) {
    span::after {
      background: ButtonText;
    }
    &[aria-checked='true'] span {
      background: Highlight;
      forced-color-adjust: none;
    }
  }
  &[aria-checked='true'] span::after {
    background: ${c.fg.onAccent};
    transform: translateX(14px);
  }
`;

interface Props {
  label: string;
  hint: string;
  on: boolean;
  onChange: (on: boolean) => void;
  testId: string;
}

export function Switch({ label, hint, on, onChange, testId }: Props) {
  return (
    <Control
      type="button"
      role="switch"
      aria-checked={on}
      title={hint}
      data-testid={testId}
      onClick={() => {
        onChange(!on);
      }}
    >
      <span aria-hidden />
      {label}
    </Control>
  );
}
