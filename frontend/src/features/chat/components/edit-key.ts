import type { Message } from '../../../shared/api/types';

/** What is being typed over an old message outlives the page, as any draft. */
export function keyOf(message: Message): string {
  return `edit.${message.message_id}`;
}
