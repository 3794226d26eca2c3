import { patchChat, readChat } from '../../shared/api/chats';
import { patchJson } from '../../shared/api/http';
import { pathTo } from '../../shared/api/path';
import { placeSession } from '../../shared/api/lists';
import type { ChatSettings } from '../../shared/api/types';
import { text } from '../../shared/i18n/messages';
import { complain } from '../chat/complain';
import { choice, fresh } from './choice';

function merged(settings: ChatSettings | undefined, change: ChatSettings): ChatSettings {
  return Object.fromEntries(Object.entries({ ...settings, ...change }).filter(([, value]) => value !== null));
}

/** Changes how a chat is set: shown at once, undone when the server refuses. null takes a member away. */
export function setChat(sessionId: string | null, change: ChatSettings): void {
  if (sessionId === null) {
    fresh.setState(merged(fresh.getState(), change), true);
    return;
  }
  const before = readChat(sessionId)?.settings;
  const show = (settings: ChatSettings | undefined) => {
    patchChat(sessionId, (chat) => ({ ...chat, settings }));
  };
  show(merged(before, change));
  const saving = Promise.resolve(choice.getState().saving)
    .then(() => patchJson(pathTo('/chats/{session_id}', { session_id: sessionId }), { settings: change }))
    .then(placeSession, (error: unknown) => {
      show(before);
      complain(error, text.errors.update);
    });
  choice.setState({ saving });
}
