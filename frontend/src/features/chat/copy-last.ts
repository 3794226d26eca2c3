import { readChat, readPage } from '../../shared/api/chats';
import { hasEnd, questionFor } from '../../shared/api/window';
import { text } from '../../shared/i18n/messages';
import { announce } from '../../shared/lib/announcer';
import { copyText } from '../../shared/lib/clipboard';
import { notify } from '../../shared/ui/notices';

/** Copies the last reply of a chat that has a text, as Markdown. */
export async function copyLastReply(sessionId: string | null): Promise<void> {
  const chat = sessionId === null ? undefined : readChat(sessionId);
  if (chat === undefined) return;
  const messages = hasEnd(chat) ? chat.messages : (await readPage(chat.sessionId, questionFor('end'))).messages;
  const last = messages.findLast((message) => message.role === 'assistant' && message.content !== '');
  if (last === undefined) return;
  if (await copyText(last.content)) announce(text.message.copied);
  else notify(text.message.copyFailed);
}
