import styled from 'styled-components';

import { c, font, radius } from '../../shared/theme/theme';
import { Button } from '../../shared/ui/button';

/** A picture may stand in the middle of a sentence: all of it is phrasing. */
export const Card = styled.span`
  display: inline-flex;
  flex-direction: column;
  max-width: 100%;
  margin: 2px 0;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.raised};
  font-family: ${font.body};
  font-weight: 400;
  vertical-align: top;
  overflow: hidden;
  iframe {
    display: block;
    max-width: 100%;
    max-height: 70vh;
    border: 0;
  }
  iframe[data-shown='false'] {
    position: absolute;
    visibility: hidden;
  }
`;

export const Caption = styled.span`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px 14px;
  padding: 8px 12px;
  font-size: 0.875rem;
  line-height: 1.4;
`;

export const Words = styled.span`
  display: flex;
  flex: 1 1 220px;
  gap: 10px;
  min-width: 0;
  overflow-wrap: anywhere;
  svg {
    flex: none;
    margin-top: 2px;
    color: ${c.fg.muted};
  }
  & > span {
    min-width: 0;
  }
  small {
    display: block;
    color: ${c.fg.muted};
    font-size: 0.8125rem;
  }
  small[role='alert'] {
    color: ${c.fg.danger};
  }
`;

export const Choices = styled.span`
  display: flex;
  flex-wrap: wrap;
  gap: 6px;
`;

export const Choice = styled(Button)`
  min-height: 30px;
  padding: 3px 10px;
  gap: 6px;
  font-size: 0.8125rem;
  &&,
  &&:hover {
    color: ${c.fg.default};
    text-decoration: none;
  }
`;
