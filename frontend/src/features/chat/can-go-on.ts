import type { Message } from '../../shared/api/types';
import { wholeText } from './parts/part-list';

/** Old clients are given the error's sentence as text; here it stands in its own note. */
export function ownText(message: Message): string {
  const failed = message.status === 'error' && message.error !== null && message.error !== undefined;
  return failed && message.content === message.error?.message ? '' : wholeText(message.content, message.parts);
}

/** Whether a reply ended before its time, behind some text to go on from. */
export function canGoOn(message: Message): boolean {
  if (message.role !== 'assistant' || ownText(message) === '') return false;
  if (message.status === 'stopped' || message.status === 'interrupted' || message.status === 'error') return true;
  return message.status === 'complete' && message.finish_reason === 'length';
}
