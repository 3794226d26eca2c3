import { useEffect } from 'react';

import type { Session } from '../../shared/api/types';
import { follow, parkHidden } from './stream/turns';

/** Streams of other chats that this page keeps open beside the one on screen. */
const inBackground = 1;
/** A tab that nobody looks at gives its streams back after this time. */
const hiddenPatience = 60_000;

/** Joins replies that are being written in the chat on screen, and lets go of those that nobody sees. */
export function useFollow(chat: Session | undefined, sessionId: string | null): void {
  useEffect(() => {
    const join = () => {
      if (chat === undefined || document.hidden) return;
      for (const message of chat.messages) {
        if (message.status === 'streaming') follow(chat.sessionId, message);
      }
    };
    join();
    document.addEventListener('visibilitychange', join);
    return () => {
      document.removeEventListener('visibilitychange', join);
    };
  }, [chat]);

  useEffect(() => {
    parkHidden(sessionId, inBackground);
  }, [sessionId]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = () => {
      clearTimeout(timer);
      if (document.hidden) {
        timer = setTimeout(() => {
          parkHidden(null, 0);
        }, hiddenPatience);
      }
    };
    document.addEventListener('visibilitychange', watch);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', watch);
    };
  }, []);
}
