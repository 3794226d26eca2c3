import { Pencil } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import styled from 'styled-components';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { growToText } from '../../../shared/lib/grow';
import { isLeaveKey, isSendKey } from '../../../shared/lib/send-key';
import { readStored, writeStored } from '../../../shared/lib/storage';
import { c, radius } from '../../../shared/theme/theme';
import { Button, PrimaryButton } from '../../../shared/ui/button';
import { CopyButton } from '../../../shared/ui/copy-button';
import { IconButton } from '../../../shared/ui/icon-button';
import { VisuallyHidden } from '../../../shared/ui/visually-hidden';
import { VariantSwitch } from '../variants/variant-switch';
import { Bubble } from './bubble';
import { Article } from './message-styles';

/** Present for the keyboard and for fingers; a mouse calls it up by pointing. */
const Tools = styled.div`
  display: flex;
  align-items: center;
  justify-content: flex-end;
  min-height: 34px;
  margin: 2px -6px -6px 0;
  @media (hover: hover) {
    > button,
    > button:disabled {
      opacity: 0;
      transition: opacity 120ms;
    }
    article:hover > & > button,
    &:focus-within > button {
      opacity: 1;
    }
    article:hover > & > button:disabled {
      opacity: 0.5;
    }
  }
`;

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

interface Props {
  message: Message;
  index: number;
  /** Near the end, where a conversation opens: laid out at once. */
  eager: boolean;
  busy: boolean;
  onEdit: (message: Message, content: string) => void;
}

/** What is being typed over an old message outlives the page, as any draft. */
function keyOf(message: Message): string {
  return `edit.${message.message_id}`;
}

export function Question({ message, index, eager, busy, onEdit }: Props) {
  const [editing, setEditing] = useState(() => readStored(keyOf(message)) !== null);
  const pencil = useRef<HTMLButtonElement | null>(null);
  const leave = () => {
    writeStored(keyOf(message), null);
    setEditing(false);
  };
  const cancel = () => {
    leave();
    requestAnimationFrame(() => pencil.current?.focus());
  };
  return (
    <Article
      data-testid={`message-${index}`}
      data-role="user"
      data-live={eager}
      data-message={message.message_id}
      tabIndex={-1}
      aria-label={text.message.you}
    >
      <VisuallyHidden as="h2">{text.message.you}</VisuallyHidden>
      {editing ? (
        <QuestionEditor
          message={message}
          busy={busy}
          onCancel={cancel}
          onSend={(content) => {
            leave();
            onEdit(message, content);
          }}
        />
      ) : (
        <>
          <Bubble content={message.content} />
          <Tools role="group" aria-label={text.message.questionActions}>
            <VariantSwitch message={message} busy={busy} />
            <CopyButton label={text.message.copyQuestion} value={() => message.content} />
            <IconButton
              ref={pencil}
              type="button"
              aria-label={text.message.edit}
              title={text.message.edit}
              disabled={busy}
              onClick={() => {
                setEditing(true);
              }}
              data-testid="edit-button"
            >
              <Pencil size={15} aria-hidden />
            </IconButton>
          </Tools>
        </>
      )}
    </Article>
  );
}

interface EditorProps {
  message: Message;
  busy: boolean;
  onCancel: () => void;
  onSend: (content: string) => void;
}

function QuestionEditor({ message, busy, onCancel, onSend }: EditorProps) {
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
