import { ArrowUp, ListPlus, Square } from 'lucide-react';
import { lazy, Suspense, useId, useLayoutEffect, useMemo, useState, type KeyboardEvent, type RefObject } from 'react';
import styled from 'styled-components';

import { text } from '../../../shared/i18n/messages';
import { focusField } from '../../../shared/lib/focus';
import { formatCount } from '../../../shared/lib/format';
import { growToText } from '../../../shared/lib/grow';
import { useSendKey } from '../../../shared/lib/preferences';
import { isComposing } from '../../../shared/lib/send-key';
import { ariaKeys, keysOf, useShortcut } from '../../../shared/lib/shortcut';
import { c, radius } from '../../../shared/theme/theme';
import { newChat, useDraft, writeDraft } from '../drafts';
import { excessOf, isHopeless } from '../excess';

const ModelBar = lazy(() => import('../../models/model-bar.lazy'));

const Card = styled.form`
  position: relative;
  display: flex;
  flex-direction: column;
  width: 100%;
  padding: 12px 12px 8px 16px;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.large};
  background: ${c.bg.raised};
  box-shadow: ${c.shadow.low};
  transition: border-color 120ms;
  &:focus-within {
    border-color: ${c.focus};
    box-shadow: 0 0 0 3px ${c.halo};
  }
  textarea {
    width: 100%;
    min-height: 1.6em;
    max-height: min(40vh, 16rem);
    padding: 0;
    border: 0;
    outline: 0;
    background: transparent;
    resize: none;
    line-height: 1.6;
  }
  textarea::placeholder {
    color: ${c.fg.placeholder};
    opacity: 1;
  }
`;

const Row = styled.div`
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 12px;
  margin-top: 6px;
`;

const Round = styled.button`
  display: inline-flex;
  align-items: center;
  justify-content: center;
  width: 36px;
  height: 36px;
  padding: 0;
  border: 1px solid ${c.accent.default};
  border-radius: ${radius.full};
  background: ${c.accent.default};
  color: ${c.fg.onAccent};
  &:hover:not(:disabled) {
    background: ${c.accent.hover};
  }
  &:disabled {
    border-color: ${c.border.default};
    background: ${c.bg.hover};
    color: ${c.fg.muted};
  }
  &[data-quiet] {
    border-color: ${c.border.control};
    background: transparent;
    color: ${c.fg.default};
  }
  &[data-quiet]:hover {
    background: ${c.bg.hover};
  }
`;

const Buttons = styled.div`
  display: flex;
  gap: 8px;
`;

const Problem = styled.p`
  margin: 6px 0 0;
  color: ${c.fg.danger};
  font-size: 0.8125rem;
`;

export interface ComposerProps {
  sessionId: string | null;
  field: RefObject<HTMLTextAreaElement | null>;
  /** A reply is being written in this chat. */
  busy: boolean;
  stoppable: boolean;
  stopping: boolean;
  /** Nothing can be sent for now. */
  resting: boolean;
  /** In bytes of UTF-8. */
  limit: number;
  onSend: (content: string) => void;
  /** Has a message wait until the reply has ended; absent where that cannot be. */
  onQueue?: (content: string) => void;
  onStop: () => void;
}

export function Composer({
  sessionId,
  field,
  busy,
  stoppable,
  stopping,
  resting,
  limit,
  onSend,
  onQueue,
  onStop,
}: ComposerProps) {
  const draftKey = sessionId ?? newChat;
  const draft = useDraft(draftKey);
  const sendKey = useSendKey();
  const problemId = useId();
  const excess = useMemo(() => excessOf(draft, limit), [draft, limit]);
  const tooLong = excess > 0;
  const [refused, setRefused] = useState(0);
  const problem =
    refused > 0 ? text.composer.notPasted(formatCount(refused)) : text.composer.tooLong(formatCount(excess));
  const act = busy ? onQueue : onSend;
  const sendable = act !== undefined && !(resting && !busy) && !tooLong && draft.trim() !== '';

  useLayoutEffect(() => {
    if (field.current !== null) growToText(field.current);
    // The text decides how high the field is.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [draft, field]);

  const submit = () => {
    if (!sendable) return;
    writeDraft(draftKey, '');
    act(draft);
    focusField(field.current);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== 'Enter' || isComposing(event)) return;
    const mod = event.ctrlKey || event.metaKey;
    if (sendKey === 'enter' ? event.shiftKey : !mod) return;
    event.preventDefault();
    submit();
  };
  useShortcut('stop', () => {
    if (!busy || !stoppable) return false;
    onStop();
    return true;
  });
  useShortcut('focusComposer', () => field.current?.focus());

  return (
    <Card
      data-testid="chat-input"
      aria-label={text.composer.region}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        ref={field}
        id="composer"
        rows={1}
        value={draft}
        aria-label={text.composer.label}
        aria-invalid={tooLong}
        aria-describedby={tooLong || refused > 0 ? problemId : undefined}
        placeholder={text.composer.placeholder}
        enterKeyHint={sendKey === 'enter' ? 'send' : 'enter'}
        aria-keyshortcuts={sendKey === 'enter' ? 'Enter' : 'Control+Enter Meta+Enter'}
        data-testid="chat-input-textarea"
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text/plain');
          if (isHopeless(pasted, limit)) event.preventDefault();
          setRefused(isHopeless(pasted, limit) ? excessOf(pasted, limit) : 0);
        }}
        onChange={(event) => {
          setRefused(0);
          writeDraft(draftKey, event.target.value);
        }}
        onKeyDown={onKeyDown}
      />
      {(tooLong || refused > 0) && (
        <Problem id={problemId} role="alert">
          {problem}
        </Problem>
      )}
      <Row>
        <Suspense fallback={<span />}>
          <ModelBar sessionId={sessionId} />
        </Suspense>
        <Buttons>
          {busy && sendable && <QueueButton />}
          <SendOrStop
            busy={busy}
            sendable={sendable}
            stoppable={stoppable}
            stopping={stopping}
            field={field}
            onStop={onStop}
          />
        </Buttons>
      </Row>
    </Card>
  );
}

function QueueButton() {
  return (
    <Round
      type="submit"
      aria-label={text.composer.queue}
      title={text.composer.queue}
      data-testid="queue-button"
      data-quiet
    >
      <ListPlus size={18} aria-hidden />
    </Round>
  );
}

type ButtonProps = Pick<ComposerProps, 'busy' | 'stoppable' | 'stopping' | 'field' | 'onStop'> & { sendable: boolean };

/** One button in one place: sending turns into stopping and back. */
function SendOrStop({ busy, sendable, stoppable, stopping, field, onStop }: ButtonProps) {
  const keys = keysOf({ key: 'enter', mod: useSendKey() === 'mod-enter' }).join('+');
  if (!busy) {
    return (
      <Round
        type="submit"
        aria-label={text.composer.send}
        title={text.composer.sendHint(keys)}
        disabled={!sendable}
        data-testid="send-button"
      >
        <ArrowUp size={19} aria-hidden />
      </Round>
    );
  }
  const label = stopping ? text.composer.stopping : text.composer.stop;
  return (
    <Round
      type="button"
      aria-label={label}
      title={label}
      aria-keyshortcuts={ariaKeys('stop')}
      disabled={!stoppable || stopping}
      onClick={() => {
        focusField(field.current);
        onStop();
      }}
      data-testid="stop-button"
    >
      <Square size={14} fill="currentColor" aria-hidden />
    </Round>
  );
}
