import styled from 'styled-components';

import { text } from '../i18n/messages';
import { c } from '../theme/theme';

const Main = styled.main`
  flex: 1;
  padding: 24px;
  color: ${c.fg.muted};
  text-align: center;
`;

/** In place of a part of the page that is still on its way. */
export function Loading() {
  return (
    <Main aria-busy>
      <p>{text.loading}</p>
    </Main>
  );
}
