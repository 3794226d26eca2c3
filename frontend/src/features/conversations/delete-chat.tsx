import { useState } from 'react';

import { deleteChat } from '../../shared/api/chats';
import { isApiError } from '../../shared/api/errors';
import { reportFailure } from '../../shared/api/query-client';
import { text } from '../../shared/i18n/messages';
import { announce } from '../../shared/lib/announcer';
import { Button, DangerButton } from '../../shared/ui/button';
import { Dialog, DialogActions } from '../../shared/ui/dialog';
import { notify } from '../../shared/ui/notices';

interface Props {
  sessionId: string;
  title: string;
  onClose: (deleted: boolean) => void;
}

export function DeleteChat({ sessionId, title, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await deleteChat(sessionId);
      announce(text.chats.removed);
      onClose(true);
    } catch (error) {
      reportFailure(error);
      if (isApiError(error)) notify(text.errors.remove(error.message), error.requestId);
      onClose(false);
    }
  };
  return (
    <Dialog title={text.chats.removeTitle} onClose={() => { onClose(false); }} testId="delete-dialog">
      <p>{text.chats.removeBody(title)}</p>
      <DialogActions>
        <Button type="button" onClick={() => { onClose(false); }}>
          {text.dialog.cancel}
        </Button>
        <DangerButton type="button" disabled={busy} onClick={() => void confirm()} data-testid="confirm-delete">
          {text.dialog.remove}
        </DangerButton>
      </DialogActions>
    </Dialog>
  );
}
