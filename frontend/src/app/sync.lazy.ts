import { followDrafts } from '../features/chat/draft-sync';
import { followMessages } from '../features/chat/follow-changes';
import { readReplies } from '../features/chat/speech/speech';
import { readAhead } from '../features/conversations/ahead';
import { followLists } from '../features/conversations/follow-changes';
import { startFeed } from '../shared/feed/feed';

/** Keeps this page in step with a person's other tabs and devices. */
export function startSync(): void {
  followLists();
  followMessages();
  followDrafts();
  readReplies();
  startFeed();
  readAhead();
}
