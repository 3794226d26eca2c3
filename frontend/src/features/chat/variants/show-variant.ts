import { showMessages } from '../../../shared/api/chats';
import { postJson } from '../../../shared/api/http';
import { pathTo } from '../../../shared/api/path';
import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { announce } from '../../../shared/lib/announcer';
import { complain } from '../complain';

/** Shows another version of a message and whatever follows it. */
export async function showVariant(message: Message, variant: number): Promise<void> {
  const path = pathTo('/messages/{message_id}/variants/{variant}/show', { message_id: message.message_id, variant });
  try {
    await postJson(path);
    await showMessages(message.session_id ?? '', { around: message.message_id });
    announce(text.message.variantShown(variant, message.variants ?? variant));
  } catch (error) {
    complain(error, text.errors.variant);
  }
}
