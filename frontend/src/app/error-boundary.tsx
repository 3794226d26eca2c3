import { Component, type ReactNode } from 'react';

import { CentredPage } from '../features/auth/signed-out';
import { text } from '../shared/i18n/messages';
import { PrimaryButton } from '../shared/ui/button';

/** The last resort: says what to do instead of showing an empty page. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <CentredPage role="alert" data-testid="crash">
        <h1>{text.errors.crashTitle}</h1>
        <p>{text.errors.crashBody}</p>
        <PrimaryButton
          type="button"
          onClick={() => {
            window.location.reload();
          }}
        >
          {text.errors.reload}
        </PrimaryButton>
      </CentredPage>
    );
  }
}
