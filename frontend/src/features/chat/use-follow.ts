import { useEffect } from 'react';

import { chatQuery } from '../../shared/api/chats';
import { queryClient } from '../../shared/api/query-client';
import type { Session } from '../../shared/api/types';
import { follow, parkHidden } from './stream/turns';

/** A tab that nobody looks at gives its streams back after this time. */
const hiddenPatience = 2000;
/** Where the browser has no connection to spare, the chat is asked for so often instead. */
const interval = 1500;

/** Joins replies that are being written in the chat on screen, and lets go of those that nobody sees. */
export function useFollow(chat: Session | undefined, sessionId: string | null): void {
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const join = async () => {
      clearTimeout(timer);
      const unfinished = chat?.messages.filter((message) => message.status === 'streaming') ?? [];
      if (chat === undefined || document.hidden || unfinished.length === 0) return;
      const joined = await Promise.all(unfinished.map((message) => follow(chat.sessionId, message)));
      if (gone || joined.every(Boolean)) return;
      timer = setTimeout(() => {
        void queryClient.invalidateQueries({ queryKey: chatQuery(chat.sessionId).queryKey });
        void join();
      }, interval);
    };
    const seen = () => void join();
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => {
      gone = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [chat]);

  useEffect(() => {
    parkHidden(sessionId);
  }, [sessionId]);

  useEffect(
    () => () => {
      parkHidden(null);
    },
    [],
  );

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = () => {
      clearTimeout(timer);
      if (document.hidden) {
        timer = setTimeout(() => {
          parkHidden(null);
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
