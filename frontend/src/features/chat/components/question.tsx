import { Pencil } from 'lucide-react';
import { useRef, useState } from 'react';
import styled from 'styled-components';

import type { Message } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { lazyPart } from '../../../shared/lib/lazy-part';
import { readStored, writeStored } from '../../../shared/lib/storage';
import { CopyButton } from '../../../shared/ui/copy-button';
import { IconButton } from '../../../shared/ui/icon-button';
import { VisuallyHidden } from '../../../shared/ui/visually-hidden';
import { VariantSlot } from '../variants/variant-slot';
import { Bubble } from './bubble';
import { keyOf } from './edit-key';
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

const useEditor = lazyPart(() => import('./question-editor.lazy'));

interface Props {
  message: Message;
  index: number;
  /** Near the end, where a conversation opens: laid out at once. */
  eager: boolean;
  busy: boolean;
  onEdit: (message: Message, content: string) => void;
}

export function Question({ message, index, eager, busy, onEdit }: Props) {
  const [editing, setEditing] = useState(() => readStored(keyOf(message)) !== null);
  const part = useEditor(editing);
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
      {editing && part !== null ? (
        <part.QuestionEditor
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
            <VariantSlot message={message} busy={busy} />
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
