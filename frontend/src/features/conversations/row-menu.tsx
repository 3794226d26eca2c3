import { Archive, Download, Ellipsis, ListChecks, Pencil, Pin, PinOff, Trash2 } from 'lucide-react';

import type { Session } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { MenuButton } from '../../shared/ui/menu';
import { exportChat } from './export';
import { setArchived, setPinned } from './housekeeping';

interface MenuProps {
  session: Session;
  title: string;
  onRename: () => void;
  onSelect: () => void;
  onDelete: () => void;
}

/** What can be done to a chat of the list. */
export function RowMenu({ session, title, onRename, onSelect, onDelete }: MenuProps) {
  const pinned = session.pinned === true;
  return (
    <MenuButton
      label={text.chats.options(title)}
      icon={<Ellipsis size={16} aria-hidden />}
      testId="chat-options"
      actions={[
        { name: 'rename', label: text.chats.rename, icon: <Pencil size={15} aria-hidden />, run: onRename },
        {
          name: 'pin',
          label: pinned ? text.chats.unpin : text.chats.pin,
          icon: pinned ? <PinOff size={15} aria-hidden /> : <Pin size={15} aria-hidden />,
          run: () => void setPinned(session, !pinned),
        },
        { name: 'select', label: text.chats.select, icon: <ListChecks size={15} aria-hidden />, run: onSelect },
        ...(['markdown', 'json'] as const).map((format) => ({
          name: `export-${format}`,
          label: text.chats.exportAs[format],
          icon: <Download size={15} aria-hidden />,
          run: () => {
            exportChat(session.sessionId, format);
          },
        })),
        {
          name: 'archive',
          label: text.chats.archive,
          icon: <Archive size={15} aria-hidden />,
          run: () => void setArchived(session, true),
        },
        {
          name: 'delete',
          label: text.chats.remove,
          icon: <Trash2 size={15} aria-hidden />,
          danger: true,
          run: onDelete,
        },
      ]}
    />
  );
}
