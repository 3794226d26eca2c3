import { ArrowLeft, BookOpen, ExternalLink } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import styled from 'styled-components';

import type { Source } from '../../../shared/api/types';
import { sourceTexts } from '../../../shared/i18n/source-texts';
import { c, radius } from '../../../shared/theme/theme';
import { Button } from '../../../shared/ui/button';
import { hostOf, safeLink } from '../../markdown/safe-url';
import { Preview, useRested } from './source-preview';

const Section = styled.section`
  margin-top: 14px;
  h3 {
    display: flex;
    align-items: center;
    gap: 6px;
    font-size: 0.8125rem;
    font-weight: 600;
    color: ${c.fg.muted};
  }
`;

const Cards = styled.ul`
  display: flex;
  gap: 10px;
  margin-top: 8px;
  padding: 3px;
  overflow-x: auto;
  list-style: none;
`;

const Card = styled.button`
  display: flex;
  flex-direction: column;
  width: 200px;
  height: 100%;
  padding: 10px 12px;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.medium};
  background: ${c.bg.raised};
  text-align: left;
  font-size: 0.8125rem;
  line-height: 1.45;
  &:hover {
    background: ${c.bg.hover};
  }
  b {
    display: flex;
    gap: 7px;
    max-width: 100%;
    font-weight: 600;
  }
  b > i {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-style: normal;
  }
  small {
    max-width: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: ${c.fg.muted};
    font-size: 0.75rem;
  }
  span {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
    color: ${c.fg.muted};
    overflow-wrap: anywhere;
  }
`;

/** The number of a source. */
const Mark = styled.em`
  flex: none;
  min-width: 1.5em;
  padding: 0 0.35em;
  border-radius: ${radius.small};
  background: ${c.bg.selected};
  text-align: center;
  font-size: 0.75rem;
  font-style: normal;
  font-variant-numeric: tabular-nums;
`;

const Detail = styled.div`
  margin-top: 8px;
  padding: 12px 14px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.code};
  font-size: 0.875rem;
  p {
    margin: 8px 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    max-height: 22rem;
    overflow-y: auto;
  }
`;

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function titleOf(source: Source, index: number): string {
  const title = source.metadata?.title;
  if (typeof title === 'string' && title !== '') return title;
  const url = source.metadata?.url;
  if (typeof url !== 'string' || url === '') return sourceTexts.item(index + 1);
  // The name of the file, or the place that has none.
  return decodeName(
    url
      .replace(/[?#].*$/, '')
      .split('/')
      .findLast((part) => part !== '') ?? url,
  );
}

/** Where it is, in a word. */
function placeOf(source: Source): string | null {
  const url = source.metadata?.url;
  if (typeof url !== 'string' || url === '') return null;
  return safeLink(url) === null ? url : hostOf(url);
}

function wordsOf(source: Source): string {
  const words = source.page_content?.trim() ?? '';
  return words === '' ? sourceTexts.empty : words;
}

/** What the reply relies on: cards, and one of them in full. */
export function Sources({ sources }: { sources: readonly Source[] }) {
  const [open, setOpen] = useState<number | null>(null);
  const list = useRef<HTMLUListElement | null>(null);
  const { rested, enter, leave, close: closePreview } = useRested();
  const preview = useId();
  if (sources.length === 0) return null;
  const seen = rested === null ? undefined : sources[rested.index];
  const chosen = open === null ? undefined : sources[open];
  const close = () => {
    const index = open ?? 0;
    setOpen(null);
    requestAnimationFrame(() => list.current?.querySelectorAll('button')[index]?.focus());
  };
  return (
    <Section aria-label={sourceTexts.list} data-testid="sources">
      <h3>
        <BookOpen size={15} aria-hidden />
        {sourceTexts.title(sources.length)}
      </h3>
      {open !== null && chosen !== undefined ? (
        <SourceDetail source={chosen} number={open + 1} title={titleOf(chosen, open)} onBack={close} />
      ) : (
        <Cards ref={list}>
          {sources.map((source, index) => (
            // Sources have no identity of their own.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index}>
              <Card
                type="button"
                data-testid="source-card"
                aria-describedby={rested?.index === index ? preview : undefined}
                onPointerEnter={(event) => {
                  if (event.pointerType === 'mouse') enter(index, event.currentTarget);
                }}
                onPointerLeave={(event) => {
                  leave(event.relatedTarget);
                }}
                onFocus={(event) => {
                  if (event.currentTarget.matches(':focus-visible')) enter(index, event.currentTarget);
                }}
                onBlur={() => {
                  leave(null);
                }}
                onClick={() => {
                  closePreview();
                  setOpen(index);
                }}
              >
                <b>
                  <Mark aria-hidden>{index + 1}</Mark>
                  <i>{titleOf(source, index)}</i>
                </b>
                {placeOf(source) !== null && <small>{placeOf(source)}</small>}
                <span>{wordsOf(source)}</span>
              </Card>
            </li>
          ))}
        </Cards>
      )}
      {open === null && rested !== null && seen !== undefined && (
        <Preview
          key={rested.index}
          words={wordsOf(seen)}
          card={rested.card}
          title={titleOf(seen, rested.index)}
          id={preview}
          onClose={closePreview}
        />
      )}
    </Section>
  );
}

function SourceDetail({
  source,
  number,
  title,
  onBack,
}: {
  source: Source;
  number: number;
  title: string;
  onBack: () => void;
}) {
  const url = source.metadata?.url;
  const href = typeof url === 'string' ? safeLink(url) : null;
  return (
    <Detail data-testid="source-detail">
      {/* The card that had the focus is gone: the way back takes it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
      <Button type="button" autoFocus onClick={onBack}>
        <ArrowLeft size={15} aria-hidden />
        {sourceTexts.back}
      </Button>
      <p>
        <Mark aria-hidden>{number}</Mark> <b>{title}</b>
      </p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <p tabIndex={0}>{wordsOf(source)}</p>
      {href === null ? (
        typeof url === 'string' && <span>{url}</span>
      ) : (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
          {sourceTexts.open} <ExternalLink size={13} aria-hidden />
        </a>
      )}
    </Detail>
  );
}
