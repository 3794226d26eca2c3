import { ArrowUpToLine, Pencil, Send, X } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import styled from 'styled-components';

import type { QueuedMessage } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { isLeaveKey, isSendKey } from '../../../shared/lib/send-key';
import { c, radius } from '../../../shared/theme/theme';
import { Button } from '../../../shared/ui/button';
import { IconButton } from '../../../shared/ui/icon-button';
import { moveToFront, rewrite, sendNext, takeOut } from './use-queue';

const Box = styled.section`
  margin: 0 0 8px;
  padding: 8px 8px 6px 14px;
  border: 1px solid ${c.border.subtle};
  border-radius: ${radius.large};
  background: ${c.bg.code};
  ol {
    max-height: min(26vh, 11rem);
    margin: 4px 0 0;
    padding: 0;
    overflow-y: auto;
    list-style: none;
  }
`;

const Head = styled.div`
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 10px;
  min-height: 32px;
  font-size: 0.8125rem;
  h2 {
    font-size: 0.8125rem;
    font-weight: 600;
  }
  p {
    flex: 1 1 12rem;
    color: ${c.fg.muted};
  }
  button {
    min-height: 30px;
    padding: 3px 10px;
    font-size: 0.8125rem;
  }
`;

const Item = styled.li`
  display: flex;
  align-items: center;
  gap: 2px;
  border-top: 1px solid ${c.border.subtle};
  font-size: 0.875rem;
  > span {
    flex: 1;
    min-width: 0;
    padding: 5px 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  textarea {
    flex: 1;
    min-width: 0;
    margin: 4px 4px 4px -6px;
    padding: 4px 6px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.small};
    background: ${c.bg.raised};
    resize: vertical;
    line-height: 1.5;
  }
`;

function firstWords(content: string): string {
  const line = content.trim().split('\n', 1)[0] ?? '';
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

interface Props {
  items: readonly QueuedMessage[];
  /** A reply is being written: the queue runs by itself. */
  busy: boolean;
  /** The last reply waits for the person's answer, and these for that. */
  asked: boolean;
}

/** What waits to be sent in this chat, in order; each can be changed until it is sent. */
export function QueueList({ items, busy, asked }: Props) {
  const titleId = useId();
  const [first] = items;
  if (first === undefined) return null;
  const held = asked ? text.queue.asked : text.queue.held;
  return (
    <Box aria-labelledby={titleId} data-testid="queue">
      <Head>
        <h2 id={titleId}>{text.queue.title(items.length)}</h2>
        <p>{busy ? text.queue.running : held}</p>
        {!busy && (
          <Button type="button" onClick={() => void sendNext(first)} data-testid="queue-send">
            <Send size={14} aria-hidden />
            {text.queue.sendNow}
          </Button>
        )}
      </Head>
      <ol>
        {items.map((item, index) => (
          <QueueItem key={item.queue_id} item={item} first={index === 0} />
        ))}
      </ol>
    </Box>
  );
}

function QueueItem({ item, first }: { item: QueuedMessage; first: boolean }) {
  const [editing, setEditing] = useState(false);
  const words = firstWords(item.content);
  if (editing)
    return (
      <ItemEditor
        item={item}
        onDone={() => {
          setEditing(false);
        }}
      />
    );
  return (
    <Item data-testid="queue-item">
      <span title={item.content}>{words}</span>
      <IconButton
        type="button"
        aria-label={text.queue.edit(words)}
        title={text.queue.edit(words)}
        onClick={() => {
          setEditing(true);
        }}
      >
        <Pencil size={15} aria-hidden />
      </IconButton>
      {!first && (
        <IconButton
          type="button"
          aria-label={text.queue.first(words)}
          title={text.queue.first(words)}
          onClick={() => void moveToFront(item)}
        >
          <ArrowUpToLine size={15} aria-hidden />
        </IconButton>
      )}
      <IconButton
        type="button"
        aria-label={text.queue.remove(words)}
        title={text.queue.remove(words)}
        onClick={() => void takeOut(item)}
      >
        <X size={16} aria-hidden />
      </IconButton>
    </Item>
  );
}

function ItemEditor({ item, onDone }: { item: QueuedMessage; onDone: () => void }) {
  const [words, setWords] = useState(item.content);
  const field = useRef<HTMLTextAreaElement | null>(null);
  useEffect(() => field.current?.focus(), []);
  const save = async () => {
    if (words.trim() === '') return;
    if (words === item.content || (await rewrite(item, words))) onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isLeaveKey(event)) onDone();
    else if (isSendKey(event)) {
      event.preventDefault();
      void save();
    }
  };
  return (
    <Item data-testid="queue-item">
      <textarea
        ref={field}
        rows={2}
        value={words}
        aria-label={text.queue.editLabel}
        onChange={(event) => {
          setWords(event.target.value);
        }}
        onKeyDown={onKeyDown}
      />
      <Button type="button" disabled={words.trim() === ''} onClick={() => void save()}>
        {text.queue.save}
      </Button>
    </Item>
  );
}
