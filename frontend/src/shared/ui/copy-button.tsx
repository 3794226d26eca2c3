import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

import { text } from '../i18n/messages';
import { announce } from '../lib/announcer';
import { copyRich, copyText } from '../lib/clipboard';
import { notify } from './notices';
import { IconButton } from './icon-button';

/** How long the tick stays. */
const shown = 5000;

interface Props {
  label: string;
  value: () => string;
  /** The same with its look. */
  html?: () => string;
  testId?: string;
}

export function CopyButton({ label, value, html, testId }: Props) {
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
    if (await (html === undefined ? copyText(value()) : copyRich(value(), html()))) {
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
