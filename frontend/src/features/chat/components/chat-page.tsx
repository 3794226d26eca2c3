import { useQuery } from '@tanstack/react-query';
import { ArrowDown } from 'lucide-react';
import { Fragment, useCallback, useEffect, useMemo, useRef, type ReactNode } from 'react';

import { chatQuery, configQuery } from '../../../shared/api/chats';
import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { focusField } from '../../../shared/lib/focus';
import { useMatch } from '../../../shared/lib/router';
import { useEngine } from '../../markdown/engine';
import { useAutoContinue } from '../../../shared/lib/auto-continue';
import { canGoOn } from '../can-go-on';
import { lazyPart } from '../../../shared/lib/lazy-part';
import { enqueue, useQueue } from '../queue/use-queue';
import { waitsForAnswer } from '../parts/part-list';
import { rowsOf } from '../rows';
import { useTurns } from '../stream/stream-store';
import { stop } from '../stream/turns';
import { useChatActions } from '../use-chat-actions';
import { useFollow } from '../use-follow';
import { useJump } from '../use-jump';
import { useStickToBottom } from '../use-stick-to-bottom';
import { useCooldown } from '../waiting/cooldown';
import { ChatMissing } from './chat-missing';
import { Column, CutMark, Disclaimer, Dock, Latest, Main, Scroller, Thread } from './chat-styles';
import { Composer } from './composer';
import { MessageView, type MessageActs } from './message';
import { SuggestionList, Welcome } from './welcome';

const useCooldownLine = lazyPart(() => import('../waiting/cooldown-line.lazy'));
const useQueueList = lazyPart(() => import('../queue/queue-list.lazy'));

/** Until the server has said what it accepts. */
const usualLimit = 100_000;
/** So many of the newest messages are parsed before they are seen. */
const eagerRows = 12;
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
  const { scroller, content: inner, atEnd, toEnd, letGo } = useStickToBottom();
  const field = useRef<HTMLTextAreaElement | null>(null);
  const messages = (sessionId === null ? undefined : chat.data?.messages) ?? none;
  const newest = messages.at(-1);
  const asked = newest !== undefined && waitsForAnswer(newest);
  const queue = useQueue(sessionId, turns.length > 0, newest?.status === 'complete' && !asked);
  const waiting = useQueueList(queue.length > 0);
  const model = config.data?.model ?? null;
  const rows = useMemo(() => rowsOf(messages, turns, model), [messages, turns, model]);
  const missing = sessionId !== null && chat.data === undefined && chat.isError;
  const parserMissing = useEngine() === 'loading' && messages.length > 0;
  const loading = parserMissing || (sessionId !== null && chat.data === undefined && !chat.isError);
  const empty = rows.length === 0 && !missing && !loading;
  const writing = turns.at(-1);
  const told = messages.findLast((message) => message.role === 'assistant')?.metrics;
  const cut = told?.contextCut === true ? told.contextFrom : null;

  useFollow(sessionId === null ? undefined : chat.data, sessionId);
  useStartAtEnd(sessionId, toEnd, field);
  useJump(!loading && rows.length > 0 ? rows : null, !chat.isFetching, letGo);

  const onSend = (content: string) => {
    toEnd();
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
  useGoOnByItself(turns.length > 0 || loading ? undefined : messages.at(-1), goOn);

  return (
    <Main id="main" data-testid="chat-area" data-empty={empty}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <Scroller
        ref={scroller}
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
            <Thread data-testid="messages-container">
              {rows.map((row, index) => (
                <Fragment key={row.key}>
                  {index > 0 && row.message.message_id === cut && (
                    <CutMark data-testid="context-mark">{text.message.cut}</CutMark>
                  )}
                  <MessageView
                    message={row.message}
                    turn={row.turn}
                    question={row.question}
                    index={index}
                    eager={index >= rows.length - eagerRows}
                    busy={turns.length > 0}
                    last={index === rows.length - 1}
                    acts={acts}
                  />
                </Fragment>
              ))}
            </Thread>
          )}
        </div>
      </Scroller>
      {!missing && (
        <Dock data-testid="fixed-input-wrapper">
          <Column>
            {!atEnd && !empty && (
              <GoToLatest
                onClick={() => {
                  toEnd();
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

/** Another chat starts at its end; the focus goes to its heading, or to the composer of a new one. */
function useStartAtEnd(
  sessionId: string | null,
  toEnd: () => void,
  field: { current: HTMLTextAreaElement | null },
): void {
  const before = useRef<string | null | undefined>(undefined);
  useEffect(() => {
    const first = before.current === undefined;
    const sent = before.current === null && document.activeElement === field.current;
    before.current = sessionId;
    toEnd();
    if (sessionId === null) focusField(field.current);
    else if (!first && !sent) document.getElementById('page-title')?.focus();
  }, [sessionId, toEnd, field]);
}
