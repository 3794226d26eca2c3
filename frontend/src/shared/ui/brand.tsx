import styled from 'styled-components';

import { text } from '../i18n/messages';
import { c } from '../theme/theme';

const Mark = styled.svg`
  color: ${c.accent.default};
`;

/** Our own mark: a line of talk. */
export function BrandMark({ size = 22 }: { size?: number }) {
  return (
    <Mark width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <path
        fill="currentColor"
        d="M7 4h18a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4h-9l-7 5v-5H7a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4z"
      />
      <path fill="none" stroke={c.bg.canvas} strokeWidth="2.6" strokeLinecap="round" d="M9.5 11.5h13M9.5 16.5h8" />
    </Mark>
  );
}

const Name = styled.span`
  display: inline-flex;
  align-items: center;
  gap: 9px;
  line-height: 1;
  font-weight: 650;
  letter-spacing: -0.01em;
`;

export function Brand() {
  return (
    <Name data-testid="brand">
      <BrandMark />
      {text.product}
    </Name>
  );
}
