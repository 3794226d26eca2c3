import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

import { text } from '../i18n/messages';
import { announce } from '../lib/announcer';
import { copyText } from '../lib/clipboard';
import { notify } from './notices';
import { IconButton } from './icon-button';

/** How long the tick stays. */
const shown = 5000;

export function CopyButton({ label, value, testId }: { label: string; value: () => string; testId?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => {
      setCopied(false);
    }, shown);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);

  const copy = async () => {
    if (await copyText(value())) {
      setCopied(true);
      announce(text.message.copied);
    } else notify(text.message.copyFailed);
  };
  return (
    <IconButton
      type="button"
      aria-label={label}
      title={copied ? text.message.copied : label}
      data-testid={testId}
      onClick={() => void copy()}
    >
      {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
    </IconButton>
  );
}
