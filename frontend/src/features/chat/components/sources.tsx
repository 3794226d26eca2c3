import { ArrowLeft, BookOpen, ExternalLink } from 'lucide-react';
import { useRef, useState } from 'react';
import styled from 'styled-components';

import type { Source } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { c, radius } from '../../../shared/theme/theme';
import { Button } from '../../../shared/ui/button';
import { safeLink } from '../../markdown/safe-url';

const Section = styled.section`
  margin-top: 14px;
  h3 { display: flex; align-items: center; gap: 6px; font-size: 0.8125rem; font-weight: 600; color: ${c.fg.muted}; }
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
  &:hover { background: ${c.bg.hover}; }
  b { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
  span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; color: ${c.fg.muted}; overflow-wrap: anywhere; }
`;

const Detail = styled.div`
  margin-top: 8px;
  padding: 12px 14px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.code};
  font-size: 0.875rem;
  p { margin: 8px 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 22rem; overflow-y: auto; }
`;

function titleOf(source: Source, index: number): string {
  const title = source.metadata?.title;
  if (typeof title === 'string' && title !== '') return title;
  const url = source.metadata?.url;
  return typeof url === 'string' && url !== '' ? url : text.sources.item(index + 1);
}

/** What the reply relies on: cards, and one of them in full. */
export function Sources({ sources }: { sources: readonly Source[] }) {
  const [open, setOpen] = useState<number | null>(null);
  const list = useRef<HTMLUListElement | null>(null);
  if (sources.length === 0) return null;
  const chosen = open === null ? undefined : sources[open];
  const close = () => {
    const index = open ?? 0;
    setOpen(null);
    requestAnimationFrame(() => list.current?.querySelectorAll('button')[index]?.focus());
  };
  return (
    <Section aria-label={text.sources.list} data-testid="sources">
      <h3>
        <BookOpen size={15} aria-hidden />
        {text.sources.title(sources.length)}
      </h3>
      {open !== null && chosen !== undefined ? (
        <SourceDetail source={chosen} title={titleOf(chosen, open)} onBack={close} />
      ) : (
        <Cards ref={list}>
          {sources.map((source, index) => (
            // Sources have no identity of their own.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index}>
              <Card type="button" data-testid="source-card" onClick={() => { setOpen(index); }}>
                <b>{titleOf(source, index)}</b>
                <span>{source.page_content ?? text.sources.empty}</span>
              </Card>
            </li>
          ))}
        </Cards>
      )}
    </Section>
  );
}

function SourceDetail({ source, title, onBack }: { source: Source; title: string; onBack: () => void }) {
  const url = source.metadata?.url;
  const href = typeof url === 'string' ? safeLink(url) : null;
  return (
    <Detail data-testid="source-detail">
      {/* The card that had the focus is gone: the way back takes it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
      <Button type="button" autoFocus onClick={onBack}>
        <ArrowLeft size={15} aria-hidden />
        {text.sources.back}
      </Button>
      <p>
        <b>{title}</b>
      </p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <p tabIndex={0}>{source.page_content ?? text.sources.empty}</p>
      {href === null ? (
        typeof url === 'string' && <span>{url}</span>
      ) : (
        <a href={href} target="_blank" rel="noopener noreferrer">
          {text.sources.open} <ExternalLink size={13} aria-hidden />
        </a>
      )}
    </Detail>
  );
}
