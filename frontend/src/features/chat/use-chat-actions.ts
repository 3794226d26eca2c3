import { useCallback } from 'react';

import { chatQuery, patchChat, readChat } from '../../shared/api/chats';
import { queryClient } from '../../shared/api/query-client';
import type { Message } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { newId } from '../../shared/lib/ids';
import { useNavigate } from '../../shared/lib/router';
import { clearNotices } from '../../shared/ui/notices';
import { complain } from './complain';
import { giveBack, newChat, readDraft, writeDraft } from './drafts';
import { continueReply, editAndResend, regenerate, send } from './stream/turns';

export function pathOf(sessionId: string): string {
  return `/c/${encodeURIComponent(sessionId)}`;
}

/** Sending and writing anew, with what has to happen on the page when the server refuses. */
export function useChatActions(sessionId: string | null, includeHistory: boolean) {
  const navigate = useNavigate();

  const submit = useCallback(
    async (content: string) => {
      const target = sessionId ?? newId();
      clearNotices();
      if (sessionId === null) patchChat(target, (chat) => chat);
      const pending = send({ sessionId: target, content, includeHistory });
      if (sessionId === null) void navigate(pathOf(target));
      const outcome = await pending;
      if (outcome.ok) return;
      const begun = (readChat(target)?.messages.length ?? 0) > 0;
      giveBack(begun ? target : newChat, begun ? content : [content, readDraft(target)].join('\n').trim());
      if (!begun) {
        writeDraft(target, '');
        if (window.location.pathname === pathOf(target)) void navigate('/', { replace: true });
        queryClient.removeQueries({ queryKey: chatQuery(target).queryKey });
      }
      complain(outcome.error, text.errors.send);
    },
    [sessionId, includeHistory, navigate],
  );

  const writeAnew = useCallback(
    async (message: Message, question: string) => {
      if (sessionId === null) return;
      const outcome = await regenerate(message, { sessionId, content: question, includeHistory });
      if (!outcome.ok) complain(outcome.error, text.errors.regenerate);
    },
    [sessionId, includeHistory],
  );

  const edit = useCallback(
    async (message: Message, content: string) => {
      if (sessionId === null) return;
      clearNotices();
      const outcome = await editAndResend(message, { sessionId, content, includeHistory });
      if (outcome.ok) return;
      giveBack(sessionId, content);
      complain(outcome.error, text.errors.edit);
    },
    [sessionId, includeHistory],
  );

  const goOn = useCallback(
    async (message: Message) => {
      if (sessionId === null) return;
      const outcome = await continueReply(sessionId, message);
      if (!outcome.ok) complain(outcome.error, text.errors.continue);
    },
    [sessionId],
  );

  return { submit, writeAnew, edit, goOn };
}
