import { useCallback } from 'react';

import { chatQuery, patchChat, readChat } from '../../shared/api/chats';
import { queryClient } from '../../shared/api/query-client';
import type { Message } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { newId } from '../../shared/lib/ids';
import { useNavigate } from '../../shared/lib/router';
import { clearNotices } from '../../shared/ui/notices';
import { giveBackWishes, saved, takeWishes } from '../models/choice';
import { complain } from './complain';
import { giveBack, newChat, readDraft, writeDraft } from './drafts';
import { answerApproval, continueReply, editAndResend, regenerate, send } from './stream/turns';

export function pathOf(sessionId: string): string {
  return `/c/${encodeURIComponent(sessionId)}`;
}

/** Sending and writing anew, with what has to happen on the page when the server refuses. */
export function useChatActions(sessionId: string | null) {
  const navigate = useNavigate();

  const submit = useCallback(
    async (content: string) => {
      const target = sessionId ?? newId();
      clearNotices();
      if (sessionId !== null) await saved();
      const wishes = takeWishes(sessionId);
      if (sessionId === null) patchChat(target, (chat) => ({ ...chat, settings: wishes.settings }));
      const pending = send({ sessionId: target, content, wishes });
      if (sessionId === null) void navigate(pathOf(target));
      const outcome = await pending;
      if (outcome.ok) return;
      const begun = (readChat(target)?.messages.length ?? 0) > 0;
      giveBack(begun ? target : newChat, begun ? content : [content, readDraft(target)].join('\n').trim());
      if (!begun) {
        giveBackWishes(wishes);
        writeDraft(target, '');
        if (window.location.pathname === pathOf(target)) void navigate('/', { replace: true });
        queryClient.removeQueries({ queryKey: chatQuery(target).queryKey });
      }
      complain(outcome.error, text.errors.send);
    },
    [sessionId, navigate],
  );

  const writeAnew = useCallback(
    async (message: Message, question: string, model?: string) => {
      if (sessionId === null) return;
      const wishes = model === undefined ? {} : { serving_endpoint: model };
      const outcome = await regenerate(message, { sessionId, content: question, wishes });
      if (!outcome.ok) complain(outcome.error, text.errors.regenerate);
    },
    [sessionId],
  );

  const edit = useCallback(
    async (message: Message, content: string) => {
      if (sessionId === null) return;
      clearNotices();
      await saved();
      const outcome = await editAndResend(message, { sessionId, content, wishes: takeWishes(sessionId) });
      if (outcome.ok) return;
      giveBack(sessionId, content);
      complain(outcome.error, text.errors.edit);
    },
    [sessionId],
  );

  const goOn = useCallback(
    async (message: Message) => {
      if (sessionId === null) return;
      const outcome = await continueReply(sessionId, message);
      if (!outcome.ok) complain(outcome.error, text.errors.continue);
    },
    [sessionId],
  );

  const answer = useCallback(
    async (message: Message, partId: string, approve: boolean) => {
      if (sessionId === null) return;
      const outcome = await answerApproval(sessionId, message, partId, approve);
      if (!outcome.ok) complain(outcome.error, text.errors.answer);
    },
    [sessionId],
  );

  return { submit, writeAnew, edit, goOn, answer };
}
