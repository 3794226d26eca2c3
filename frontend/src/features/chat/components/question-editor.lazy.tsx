import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import styled from 'styled-components';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { growToText } from '../../../shared/lib/grow';
import { isLeaveKey, isSendKey } from '../../../shared/lib/send-key';
import { readStored, writeStored } from '../../../shared/lib/storage';
import { c, radius } from '../../../shared/theme/theme';
import { Button, PrimaryButton } from '../../../shared/ui/button';
import { keyOf } from './edit-key';

const Editor = styled.form`
  padding: 10px 12px;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.large};
  background: ${c.bg.raised};
  &:focus-within {
    border-color: ${c.focus};
    box-shadow: 0 0 0 1px ${c.focus};
  }
  textarea {
    width: 100%;
    max-height: 50vh;
    padding: 0;
    border: 0;
    outline: 0;
    background: transparent;
    resize: none;
    line-height: 1.6;
  }
  > div {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: flex-end;
    gap: 8px;
    margin-top: 8px;
  }
  p {
    flex: 1 1 14rem;
    color: ${c.fg.muted};
    font-size: 0.8125rem;
  }
`;

interface EditorProps {
  message: Message;
  busy: boolean;
  onCancel: () => void;
  onSend: (content: string) => void;
}

/** A question asked in other words, in the place where it stands. */
export function QuestionEditor({ message, busy, onCancel, onSend }: EditorProps) {
  const [words, setWords] = useState(() => readStored(keyOf(message)) ?? message.content);
  const field = useRef<HTMLTextAreaElement | null>(null);
  const sendable = !busy && words.trim() !== '';
  useEffect(() => {
    const area = field.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);
  useLayoutEffect(() => {
    if (field.current !== null) growToText(field.current);
    // The text decides how high the field is.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [words]);
  const send = () => {
    if (sendable) onSend(words);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isLeaveKey(event)) onCancel();
    else if (isSendKey(event)) {
      event.preventDefault();
      send();
    }
  };
  return (
    <Editor
      data-testid="question-editor"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        value={words}
        aria-label={text.message.editLabel}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setWords(event.target.value);
          writeStored(keyOf(message), event.target.value);
        }}
      />
      <div>
        <p>{text.message.editHint}</p>
        <Button type="button" onClick={onCancel}>
          {text.message.editCancel}
        </Button>
        <PrimaryButton type="submit" disabled={!sendable}>
          {text.message.editSend}
        </PrimaryButton>
      </div>
    </Editor>
  );
}
