import { useInfiniteQuery } from '@tanstack/react-query';
import { Search, X } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';

import { isApiError } from '../../shared/api/errors';
import { text } from '../../shared/i18n/messages';
import { searchTexts } from '../../shared/i18n/search-texts';
import { useNavigate } from '../../shared/lib/router';
import { useNow } from '../../shared/lib/use-now';
import { IconButton } from '../../shared/ui/icon-button';
import { toast } from '../../shared/ui/toasts';
import { VisuallyHidden } from '../../shared/ui/visually-hidden';
import { searchQuery, showPath } from './api';
import { firstEntries, hitEntry, type Entry } from './entries';
import { EntryOption } from './option';
import { dayBefore, hasTerm, operatorIn, toggleOperator, type OperatorName } from './query';
import { Bar, Box, Chips, Foot, Help, Label, Message, Results } from './styles';

/** How long after the last key the server is asked. */
const rest = 150;
/** So near to the end of what is shown the next page is asked for. */
const nearEnd = 3;

function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setRested(value);
    }, rest);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  return rested;
}

function useResults(typed: string) {
  const words = useRested(typed).trim();
  const asked = hasTerm(words);
  const query = useInfiniteQuery({ ...searchQuery(words), enabled: asked });
  const hits = query.data;
  const entries = useMemo(() => {
    if (typed.trim() === '') return firstEntries();
    return asked ? (hits?.pages.flatMap((page) => page.results).map(hitEntry) ?? []) : [];
  }, [typed, asked, hits]);
  return {
    query,
    entries,
    asked,
    pending: words !== typed.trim() || (asked && query.isFetching && !query.isFetchingNextPage),
  };
}

export default function Palette({ onClose }: { onClose: () => void }) {
  const box = useRef<HTMLDialogElement | null>(null);
  const field = useRef<HTMLInputElement | null>(null);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const id = useId();
  const { query, entries, asked, pending } = useResults(typed);
  const chosen = Math.min(at, entries.length - 1);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;

  useLayoutEffect(() => {
    const element = box.current;
    element?.showModal();
    return () => {
      element?.close();
    };
  }, []);
  useEffect(() => {
    if (asked && hasNextPage && !isFetchingNextPage && chosen >= 0 && chosen >= entries.length - nearEnd)
      void fetchNextPage();
  }, [asked, chosen, entries.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const type = (words: string) => {
    setTyped(words);
    setAt(0);
  };
  const choose = async (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    const reached = entry.kind !== 'hit' || !entry.hit.hidden || (await showPath(entry.hit).catch(() => false));
    if (!reached) toast(searchTexts.hiddenHint);
    await navigate(reached ? entry.path : entry.path.replace(/\?.*/, ''));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const steps: Record<string, number> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: Math.min(chosen + 6, entries.length - 1),
      PageUp: Math.max(chosen - 6, 0),
    };
    const step = steps[event.key];
    if (step !== undefined && entries.length > 0) setAt((step + entries.length) % entries.length);
    else if (event.key === 'Enter') void choose(entries[chosen]);
    else return;
    event.preventDefault();
  };

  return (
    // A click beside the panel lands on the dialog itself. Esc and the button do the same for the keyboard.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <Box
      ref={box}
      aria-label={searchTexts.title}
      data-testid="palette"
      onClick={(event) => {
        if (event.target === box.current) onClose();
      }}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <Bar>
        <Search size={18} aria-hidden />
        <input
          ref={field}
          type="search"
          role="combobox"
          aria-expanded={entries.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
          aria-label={searchTexts.title}
          placeholder={searchTexts.placeholder}
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="search"
          value={typed}
          onChange={(event) => {
            type(event.target.value);
          }}
          onKeyDown={onKeyDown}
        />
        <IconButton type="button" aria-label={searchTexts.close} title={searchTexts.close} onClick={onClose}>
          <X size={18} aria-hidden />
        </IconButton>
      </Bar>
      <Filters
        typed={typed}
        onChange={(words) => {
          type(words);
          field.current?.focus();
        }}
      />
      <Results aria-busy={pending}>
        <State
          typed={typed}
          asked={asked}
          pending={pending}
          found={entries.length}
          more={hasNextPage}
          error={asked ? query.error : null}
        />
        <div id={`${id}-list`} role="listbox" aria-label={typed === '' ? searchTexts.suggestions : searchTexts.results}>
          {entries.map((entry, index) => (
            <EntryOption
              key={entry.key}
              id={`${id}-${index}`}
              entry={entry}
              selected={index === chosen}
              onPoint={() => {
                setAt(index);
              }}
              onChoose={() => void choose(entry)}
            />
          ))}
        </div>
      </Results>
      {help && <HelpList />}
      <Foot>
        <span>
          <kbd>↑</kbd>
          <kbd>↓</kbd> {searchTexts.keys.move}
        </span>
        <span>
          <kbd>↵</kbd> {searchTexts.keys.choose}
        </span>
        <span>
          <kbd>{searchTexts.keys.escape}</kbd> {searchTexts.keys.leave}
        </span>
        <button
          type="button"
          aria-expanded={help}
          onClick={() => {
            setHelp(!help);
          }}
          data-testid="search-help"
        >
          {searchTexts.help}
        </button>
      </Foot>
    </Box>
  );
}

function Filters({ typed, onChange }: { typed: string; onChange: (words: string) => void }) {
  const now = useNow();
  const chips: [keyof typeof searchTexts.chips, OperatorName, string][] = [
    ['me', 'from', 'me'],
    ['assistant', 'from', 'assistant'],
    ['up', 'rating', 'up'],
    ['down', 'rating', 'down'],
    ['title', 'in', 'title'],
    ['week', 'after', dayBefore(now, 7)],
    ['month', 'after', dayBefore(now, 30)],
  ];
  return (
    <Chips role="group" aria-label={searchTexts.filters}>
      {chips.map(([name, operator, value]) => (
        <button
          key={name}
          type="button"
          aria-pressed={operatorIn(typed, operator) === value}
          onClick={() => {
            onChange(toggleOperator(typed, operator, value));
          }}
          data-testid={`chip-${name}`}
        >
          {searchTexts.chips[name]}
        </button>
      ))}
    </Chips>
  );
}

interface StateProps {
  typed: string;
  asked: boolean;
  pending: boolean;
  found: number;
  more: boolean;
  error: unknown;
}

/** Says how the search stands, to eyes and ears. */
function State({ typed, asked, pending, found, more, error }: StateProps) {
  if (typed.trim() === '') return <Label>{searchTexts.suggestions}</Label>;
  if (error !== null) {
    return (
      <Message role="alert">
        <p>
          {isApiError(error) && error.status === 422
            ? error.message
            : searchTexts.failed(isApiError(error) ? error.message : text.errors.unknown)}
        </p>
      </Message>
    );
  }
  if (!asked) return <Message role="status">{pending ? searchTexts.searching : searchTexts.wordless}</Message>;
  if (found > 0) return <VisuallyHidden role="status">{pending ? '' : searchTexts.count(found, more)}</VisuallyHidden>;
  return (
    <Message role="status">
      <p>{pending ? searchTexts.searching : searchTexts.none}</p>
      {!pending && <p>{searchTexts.noneHint}</p>}
    </Message>
  );
}

function HelpList() {
  return (
    // It scrolls where there is little room: then the keys must reach it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <Help data-testid="search-help-list" role="region" aria-label={searchTexts.help} tabIndex={0}>
      <dl>
        {Object.values(searchTexts.helpTerms).map(([typed, meaning]) => (
          <div key={typed}>
            <dt>
              <code>{typed}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Help>
  );
}
