import styled from 'styled-components';

import { c, radius } from '../theme/theme';

/** The surface of what opens beside a button; `placePopover` puts it there. */
export const PopoverPanel = styled.div`
  position: fixed;
  inset: auto;
  margin: 0;
  padding: 5px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.raised};
  color: ${c.fg.default};
  box-shadow: ${c.shadow.raised};
`;
