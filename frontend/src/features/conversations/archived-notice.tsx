import { useQuery } from '@tanstack/react-query';
import { ArchiveRestore } from 'lucide-react';
import styled from 'styled-components';

import { chatQuery } from '../../shared/api/chats';
import { text } from '../../shared/i18n/messages';
import { c, radius } from '../../shared/theme/theme';
import { Button } from '../../shared/ui/button';
import { setArchived } from './housekeeping';

const Strip = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 4px 12px;
  margin-bottom: 8px;
  padding: 5px 6px 5px 14px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.code};
  color: ${c.fg.muted};
  font-size: 0.875rem;
  button {
    min-height: 32px;
    padding: 3px 10px;
    font-size: inherit;
  }
`;

/** Above the composer of a chat that is archived. */
export function ArchivedNotice({ sessionId }: { sessionId: string }) {
  const { data: chat } = useQuery({ ...chatQuery(sessionId), enabled: false });
  if (chat?.archived !== true) return null;
  return (
    <Strip data-testid="archived-notice">
      <p>{text.chat.inArchive}</p>
      <Button
        type="button"
        onClick={() => {
          document.getElementById('composer')?.focus();
          void setArchived(chat, false);
        }}
      >
        <ArchiveRestore size={15} aria-hidden />
        {text.chats.unarchive}
      </Button>
    </Strip>
  );
}
