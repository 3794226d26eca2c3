import { useEffect, useRef } from 'react';

import { CentredPage } from '../features/auth/signed-out';
import { text } from '../shared/i18n/messages';
import { Link } from '../shared/lib/router';
import { Brand } from '../shared/ui/brand';
import { PrimaryButton } from '../shared/ui/button';

export function NotFound() {
  const heading = useRef<HTMLHeadingElement | null>(null);
  useEffect(() => {
    heading.current?.focus();
    document.title = `${text.notFound.title} · ${text.product}`;
  }, []);
  return (
    <CentredPage data-testid="not-found">
      <Brand />
      <h1 ref={heading} tabIndex={-1}>
        {text.notFound.title}
      </h1>
      <p>{text.notFound.body}</p>
      <PrimaryButton as={Link} to="/">
        {text.notFound.home}
      </PrimaryButton>
    </CentredPage>
  );
}
