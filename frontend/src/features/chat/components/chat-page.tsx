import { useQuery } from '@tanstack/react-query';
import { ArrowDown } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, type ReactNode } from 'react';

import { chatQuery, configQuery, readChat, showMessages } from '../../../shared/api/chats';
import { reportFailure } from '../../../shared/api/query-client';
import type { Message } from '../../../shared/api/types';
import { hasEnd } from '../../../shared/api/window';
import { text } from '../../../shared/i18n/messages';
import { focusField } from '../../../shared/lib/focus';
import { useMatch } from '../../../shared/lib/router';
import { useEngine } from '../../markdown/engine';
import { useAutoContinue } from '../../../shared/lib/auto-continue';
import { canGoOn } from '../can-go-on';
import { lazyPart, partPlace } from '../../../shared/lib/lazy-part';
import { enqueue, useQueue } from '../queue/use-queue';
import { waitsForAnswer } from '../parts/part-list';
import { rowsOf } from '../rows';
import { useTurns } from '../stream/stream-store';
import { stop } from '../stream/turns';
import { useChatActions } from '../use-chat-actions';
import { useFollow } from '../use-follow';
import { useJump } from '../use-jump';
import { useMessageKeys } from '../use-message-keys';
import { useReadingPlace } from '../use-reading-place';
import { useStickToBottom } from '../use-stick-to-bottom';
import { useCooldown } from '../waiting/cooldown';
import { ChatMissing } from './chat-missing';
import { Column, Disclaimer, Dock, Latest, Main, Scroller } from './chat-styles';
import { Composer } from './composer';
import type { MessageActs } from './message';
import { MessageThread } from './thread';
import { SuggestionList, Welcome } from './welcome';

const useCooldownLine = lazyPart(() => import('../waiting/cooldown-line.lazy'));
const ToFirst = partPlace(
  lazyPart(() => import('./to-first.lazy')),
  (part) => part.ToFirst,
);
const useQueueList = lazyPart(() => import('../queue/queue-list.lazy'));

/** Until the server has said what it accepts. */
const usualLimit = 100_000;
const none: readonly Message[] = [];

/** One element for the welcome screen and for every chat: the composer is never exchanged. */
export function ChatPage({ notice }: { notice: ReactNode }) {
  const sessionId = useMatch('/c/:sessionId')?.params.sessionId ?? null;
  const chat = useQuery({ ...chatQuery(sessionId ?? ''), enabled: sessionId !== null });
  const config = useQuery(configQuery);
  const turns = useTurns(sessionId);
  const { submit, writeAnew, edit, goOn, answer } = useChatActions(sessionId);
  const cooldown = useCooldown();
  const line = useCooldownLine(cooldown !== null);
  const field = useRef<HTMLTextAreaElement | null>(null);
  const data = sessionId === null ? undefined : chat.data;
  const messages = data?.messages ?? none;
  const complete = data === undefined || hasEnd(data);
  const newest = complete ? messages.at(-1) : undefined;
  const stick = useStickToBottom(!complete);
  const { scroller, content: inner, atEnd, toEnd, letGo, keep } = stick;
  const asked = newest !== undefined && waitsForAnswer(newest);
  const queue = useQueue(sessionId, turns.length > 0, newest?.status === 'complete' && !asked);
  const model = config.data?.model ?? null;
  const waiting = useQueueList(queue.length > 0);
  const rows = useMemo(() => rowsOf(messages, turns, model, complete), [messages, turns, model, complete]);
  const missing = sessionId !== null && chat.data === undefined && chat.isError;
  const parserMissing = useEngine() === 'loading' && messages.length > 0;
  const loading = parserMissing || (sessionId !== null && chat.data === undefined && !chat.isError);
  const empty = rows.length === 0 && !missing && !loading;
  const writing = turns.at(-1);
  const toLatest = useCallback(async () => {
    const now = sessionId === null ? undefined : readChat(sessionId);
    if (sessionId !== null && now !== undefined && !hasEnd(now)) await showMessages(sessionId, 'end');
    toEnd();
  }, [sessionId, toEnd]);

  useFollow(data, sessionId);
  useFocusOnOpening(sessionId, field);
  useReadingPlace(sessionId, !loading && rows.length > 0, stick);
  useJump(sessionId, !loading && rows.length > 0 ? rows : null, !chat.isFetching, letGo);
  useMessageKeys({ sessionId, scroller, letGo, toLatest });

  const onSend = (content: string) => {
    toLatest().catch(reportFailure);
    void submit(content);
  };
  const onStop = useCallback(() => {
    if (writing !== undefined) void stop(writing.key);
  }, [writing]);
  const onQueue = (content: string) => {
    if (sessionId !== null) void enqueue(sessionId, content);
  };
  const acts = useMemo((): MessageActs => {
    const withFocus = (act: () => Promise<void>) => {
      focusField(field.current);
      void act();
    };
    return {
      regenerate: (message, question, other) => {
        withFocus(() => writeAnew(message, question, other));
      },
      edit: (message, content) => {
        withFocus(() => edit(message, content));
      },
      goOn: (message) => {
        withFocus(() => goOn(message));
      },
      answer: (message, partId, approve) => {
        withFocus(() => answer(message, partId, approve));
      },
    };
  }, [writeAnew, edit, goOn, answer]);
  useGoOnByItself(turns.length > 0 || loading ? undefined : newest, goOn);

  return (
    <Main id="main" data-testid="chat-area" data-empty={empty}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <Scroller
        ref={scroller}
        data-scroller=""
        data-testid="chat-content"
        role="region"
        aria-label={text.message.list}
        tabIndex={empty ? -1 : 0}
        aria-busy={loading}
      >
        <div ref={inner}>
          {empty && <Welcome />}
          {missing && <ChatMissing error={chat.error} onRetry={() => void chat.refetch()} />}
          {!loading && rows.length > 0 && (
            <MessageThread
              chat={data}
              rows={rows}
              busy={turns.length > 0}
              acts={acts}
              scroller={scroller}
              onRows={keep}
            />
          )}
        </div>
      </Scroller>
      {!missing && (
        <Dock data-testid="fixed-input-wrapper">
          <Column>
            {!(atEnd && complete) && sessionId !== null && (
              <ToFirst sessionId={sessionId} scroller={scroller} letGo={letGo} />
            )}
            {!(atEnd && complete) && !empty && (
              <GoToLatest
                onClick={() => {
                  toLatest().catch(reportFailure);
                  focusField(field.current);
                }}
              />
            )}
            {notice}
            {cooldown !== null && line !== null && <line.CooldownLine cooldown={cooldown} />}
            {queue.length > 0 && waiting !== null && (
              <waiting.QueueList items={queue} busy={turns.length > 0} asked={asked} />
            )}
            <Composer
              sessionId={sessionId}
              field={field}
              busy={turns.length > 0}
              stoppable={(writing?.messageId ?? null) !== null && writing?.stopping === false}
              stopping={writing?.stopping ?? false}
              resting={cooldown !== null}
              limit={config.data?.limits.content_bytes ?? usualLimit}
              onSend={onSend}
              onQueue={sessionId === null ? undefined : onQueue}
              onStop={onStop}
            />
            {empty && <SuggestionList suggestions={config.data?.suggestions ?? []} onChoose={onSend} />}
            <Disclaimer>{text.disclaimer}</Disclaimer>
            {empty && config.data?.demo === true && (
              <Disclaimer data-testid="demo-note">{text.demo.explained}</Disclaimer>
            )}
          </Column>
        </Dock>
      )}
    </Main>
  );
}

function GoToLatest({ onClick }: { onClick: () => void }) {
  return (
    <Latest
      type="button"
      aria-label={text.message.latest}
      title={text.message.latest}
      onClick={onClick}
      data-testid="go-to-latest"
    >
      <ArrowDown size={18} aria-hidden />
    </Latest>
  );
}

/** So often a reply is continued without being asked. */
const goOnAtMost = 2;

/** Continues a reply that was cut, where the person has chosen so. */
function useGoOnByItself(last: Message | undefined, goOn: (message: Message) => Promise<void>): void {
  const on = useAutoContinue();
  const tries = useRef(new Map<string, number>());
  useEffect(() => {
    if (!on || last?.status !== 'interrupted' || !canGoOn(last)) return;
    const before = tries.current.get(last.message_id) ?? 0;
    if (before >= goOnAtMost) return;
    tries.current.set(last.message_id, before + 1);
    void goOn(last);
  }, [on, last, goOn]);
}

/** The focus goes to the heading of another chat, or to the composer of a new one. */
function useFocusOnOpening(sessionId: string | null, field: { current: HTMLTextAreaElement | null }): void {
  const before = useRef<string | null | undefined>(undefined);
  useEffect(() => {
    const first = before.current === undefined;
    const sent = before.current === null && document.activeElement === field.current;
    before.current = sessionId;
    if (sessionId === null) focusField(field.current);
    else if (!first && !sent) document.getElementById('page-title')?.focus();
  }, [sessionId, field]);
}
