import { ClipboardType, Ellipsis, FileDiff, Info } from 'lucide-react';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { announce } from '../../../shared/lib/announcer';
import { copyText } from '../../../shared/lib/clipboard';
import { MenuButton, type MenuAction } from '../../../shared/ui/menu';
import { notify } from '../../../shared/ui/notices';
import { ownText } from '../can-go-on';
import { documentFor } from '../stream/documents';

const plainTextPart = () => import('../plain-text.lazy');

async function copyPlain(message: Message): Promise<void> {
  try {
    const { plainText } = await plainTextPart();
    if (await copyText(plainText(documentFor(ownText(message))))) announce(text.message.copied);
    else notify(text.message.copyFailed);
  } catch {
    notify(text.errors.network);
  }
}

interface Props {
  message: Message;
  onDetails: () => void;
  onCompare: () => void;
}

/** What is wanted of a reply now and then. */
export function ReplyMenu({ message, onDetails, onCompare }: Props) {
  const actions: MenuAction[] = [];
  if (ownText(message) !== '')
    actions.push({
      name: 'copy-plain',
      label: text.message.copyPlain,
      icon: <ClipboardType size={16} aria-hidden />,
      run: () => void copyPlain(message),
    });
  if ((message.variants ?? 1) > 1)
    actions.push({
      name: 'compare',
      label: text.message.compare,
      icon: <FileDiff size={16} aria-hidden />,
      run: onCompare,
    });
  actions.push({ name: 'details', label: text.message.details, icon: <Info size={16} aria-hidden />, run: onDetails });
  return (
    <MenuButton
      label={text.message.more}
      icon={<Ellipsis size={16} aria-hidden />}
      actions={actions}
      testId="reply-menu"
      onOpen={() => {
        // Copying must follow the press at once: some browsers forget who pressed.
        void plainTextPart().catch(() => null);
      }}
    />
  );
}
