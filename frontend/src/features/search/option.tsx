import {
  Archive,
  MessageSquare,
  Sparkle,
  SquarePen,
  TextCursorInput,
  ThumbsDown,
  ThumbsUp,
  Trash2,
  User,
} from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';

import { titleOf } from '../../shared/api/chats';
import { text } from '../../shared/i18n/messages';
import { searchTexts } from '../../shared/i18n/search-texts';
import { formatBrief } from '../../shared/lib/format';
import { useNow } from '../../shared/lib/use-now';
import type { Hit } from './api';
import type { Entry } from './entries';
import { piecesOf, withoutMarks, type Snippet } from './snippet';
import { Badge, Mark, Option, TopLine, Words } from './styles';

interface Props {
  id: string;
  entry: Entry;
  selected: boolean;
  onPoint: () => void;
  onChoose: () => void;
}

const icons = { newChat: SquarePen, archive: Archive, trash: Trash2 } as const;
const labels = { newChat: text.chats.newChat, archive: text.chats.archive, trash: text.chats.trash } as const;

/** One line of the palette. The field keeps the focus and says which line is meant. */
export function EntryOption({ id, entry, selected, onPoint, onChoose }: Props) {
  const line = useRef<HTMLDivElement | null>(null);
  useEffect(() => {
    if (selected) line.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    // The keys belong to the field, which names the chosen line.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <Option
      ref={line}
      id={id}
      role="option"
      aria-selected={selected}
      data-plain={entry.kind !== 'hit'}
      data-testid="search-option"
      onPointerMove={onPoint}
      onClick={onChoose}
    >
      <Inside entry={entry} />
    </Option>
  );
}

function Inside({ entry }: { entry: Entry }) {
  const now = useNow();
  if (entry.kind === 'hit') return <HitLine hit={entry.hit} now={now} />;
  if (entry.kind === 'chat') {
    return (
      <>
        <MessageSquare size={16} aria-hidden />
        <TopLine as="div">
          <b>{titleOf(entry.session) === '' ? text.chats.untitled : titleOf(entry.session)}</b>
          <time dateTime={entry.session.timestamp ?? undefined}>{formatBrief(entry.session.timestamp, now)}</time>
        </TopLine>
      </>
    );
  }
  const Icon = icons[entry.name];
  return (
    <>
      <Icon size={16} aria-hidden />
      <div>{labels[entry.name]}</div>
    </>
  );
}

function HitLine({ hit, now }: { hit: Hit; now: Date }) {
  const ofTitle = hit.message_id === null;
  const Icon = ofTitle ? TextCursorInput : hit.role === 'user' ? User : Sparkle;
  const who = ofTitle ? searchTexts.chatTitle : hit.role === 'user' ? searchTexts.you : text.message.fallbackModel;
  return (
    <>
      <Icon size={16} aria-hidden />
      <div>
        <TopLine>
          <b>{ofTitle ? <Marked snippet={hit.snippet} /> : hit.title}</b>
          <Rated hit={hit} />
          {hit.archived && <Badge>{searchTexts.archived}</Badge>}
          {hit.hidden && <Badge>{searchTexts.hidden}</Badge>}
          <time dateTime={hit.timestamp ?? undefined}>{formatBrief(hit.timestamp, now)}</time>
        </TopLine>
        <Words>
          <strong>{who}</strong>
          {!ofTitle && (
            <>
              {' '}
              · <Marked snippet={hit.role === 'user' ? hit.snippet : withoutMarks(hit.snippet)} />
            </>
          )}
        </Words>
      </div>
    </>
  );
}

function Rated({ hit }: { hit: Hit }): ReactNode {
  if (hit.rating === 'up') return <ThumbsUp size={13} role="img" aria-label={text.message.up} />;
  if (hit.rating === 'down') return <ThumbsDown size={13} role="img" aria-label={text.message.down} />;
  return null;
}

/** A piece of a text with what was looked for marked: text nodes only, whatever the text is. */
function Marked({ snippet }: { snippet: Snippet }) {
  return (
    <>
      {snippet.cut_before && '… '}
      {piecesOf(snippet).map((piece) => (piece.marked ? <Mark key={piece.at}>{piece.text}</Mark> : piece.text))}
      {snippet.cut_after && ' …'}
    </>
  );
}
