import { useEffect, useRef, useState } from 'react';
import styled from 'styled-components';

import { userQuery } from '../../shared/api/chats';
import { isApiError } from '../../shared/api/errors';
import { queryClient } from '../../shared/api/query-client';
import { text } from '../../shared/i18n/messages';
import { reportSignedIn } from '../../shared/lib/session';
import { useLocation, useNavigate, useSearchParams } from '../../shared/lib/router';
import { c } from '../../shared/theme/theme';
import { Brand } from '../../shared/ui/brand';
import { PrimaryButton } from '../../shared/ui/button';

export const CentredPage = styled.main`
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 16px;
  min-height: 100%;
  padding: 24px;
  text-align: center;
  h1 {
    margin-top: 20px;
    font-size: 1.6rem;
    font-weight: 600;
    letter-spacing: -0.01em;
  }
  /* The heading takes focus to be read out; nothing can be done with it. */
  h1:focus {
    outline: none;
  }
  p {
    max-width: 30rem;
    color: ${c.fg.muted};
  }
`;

function placeBefore(state: unknown): string {
  const from = typeof state === 'object' && state !== null && 'from' in state ? state.from : null;
  return typeof from === 'string' && from.startsWith('/') && !from.startsWith('//') ? from : '/';
}

export function SignedOut() {
  const [params] = useSearchParams();
  const location = useLocation();
  const navigate = useNavigate();
  const heading = useRef<HTMLHeadingElement | null>(null);
  // Whoever was sent here from another page did not leave on purpose.
  const lost = location.state !== null;
  const [still, setStill] = useState<string | null>(null);

  useEffect(() => {
    heading.current?.focus();
    document.title = `${text.signedOut.title} · ${text.product}`;
  }, []);

  const again = async () => {
    setStill(null);
    try {
      await queryClient.fetchQuery({ ...userQuery, staleTime: 0, retry: false });
      reportSignedIn();
      void queryClient.invalidateQueries();
      void navigate(placeBefore(location.state), { replace: true });
    } catch (error) {
      setStill(isApiError(error) && !error.isSignedOut ? error.message : text.signedOut.still);
    }
  };

  return (
    <CentredPage data-testid="signed-out">
      <Brand />
      <h1 ref={heading} tabIndex={-1}>
        {text.signedOut.title}
      </h1>
      {params.get('reason') === 'link' && <p role="alert">{text.signedOut.link}</p>}
      <p>{text.signedOut.how}</p>
      {lost && <p>{text.signedOut.kept}</p>}
      <PrimaryButton type="button" onClick={() => void again()}>
        {text.signedOut.again}
      </PrimaryButton>
      <p role="status">{still}</p>
    </CentredPage>
  );
}
