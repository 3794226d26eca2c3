import { useEffect, useState } from 'react';

import type { Message, Rating } from '../../../shared/api/types';

export interface FeedbackProps {
  message: Message;
  rating: Rating;
  /** It was asked for by name, so that the focus goes there. */
  focus: boolean;
  onClose: (focusBack: boolean) => void;
}

type PanelModule = typeof import('./feedback-panel.lazy');

/** What is being said outlives the page, as any draft. */
export function draftKey(messageId: string): string {
  return `feedback.${messageId}`;
}

async function loadPanel(): Promise<PanelModule | null> {
  return import('./feedback-panel.lazy').catch(() => null);
}

/** The panel's code comes when the first rating does; without it the rating alone has to do. */
export function FeedbackSlot(props: FeedbackProps) {
  const [module, setModule] = useState<PanelModule | null>(null);
  useEffect(() => {
    let wanted = true;
    const load = async () => {
      const loaded = await loadPanel();
      if (wanted) setModule(loaded);
    };
    void load();
    return () => {
      wanted = false;
    };
  }, []);
  return module === null ? null : <module.default {...props} />;
}
