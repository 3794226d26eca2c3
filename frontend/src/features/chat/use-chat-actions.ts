import { useCallback } from 'react';

import { chatQuery, patchChat, readChat } from '../../shared/api/chats';
import { isApiError } from '../../shared/api/errors';
import { queryClient, reportFailure } from '../../shared/api/query-client';
import type { Message } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { newId } from '../../shared/lib/ids';
import { useNavigate } from '../../shared/lib/router';
import { clearNotices, notify } from '../../shared/ui/notices';
import { giveBack, newChat, readDraft, writeDraft } from './drafts';
import { regenerate, send } from './stream/turns';

function complain(error: unknown, sentence: (why: string) => string): void {
  reportFailure(error);
  if (!isApiError(error)) notify(sentence(text.errors.unknown));
  else if (!error.isSignedOut) notify(sentence(error.message), error.requestId);
}

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

  return { submit, writeAnew };
}
