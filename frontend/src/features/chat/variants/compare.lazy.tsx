import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowLeftRight, ArrowUp } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';

import { getJson } from '../../../shared/api/http';
import { pathTo } from '../../../shared/api/path';
import type { Message } from '../../../shared/api/types';
import { compareTexts as words } from '../../../shared/i18n/compare-texts';
import { announce } from '../../../shared/lib/announcer';
import { formatMoment } from '../../../shared/lib/format';
import { Button, PrimaryButton } from '../../../shared/ui/button';
import { Dialog, DialogActions } from '../../../shared/ui/dialog';
import { IconButton } from '../../../shared/ui/icon-button';
import { VisuallyHidden } from '../../../shared/ui/visually-hidden';
import { nameOf, useEndpoints } from '../../models/choice';
import { plainText } from '../plain-text.lazy';
import { documentFor } from '../stream/documents';
import { Choice, Choices, Differences, Sum } from './compare-styles';
import { showVariant } from './show-variant';
import { countWords, wordDiff, type Run } from './word-diff';

interface Versions {
  shown: number;
  variants: Message[];
}

function useVersions({ message_id: id, variants }: Message) {
  return useQuery({
    queryKey: ['variants', id, variants],
    queryFn: ({ signal }) => getJson(pathTo('/messages/{message_id}/variants', { message_id: id }), signal),
    staleTime: 0,
  });
}

interface Props {
  message: Message;
  busy: boolean;
  onClose: () => void;
}

/** What people write is shown as they wrote it. */
function wordsOf({ role, content }: Message): string {
  return role === 'user' ? content : plainText(documentFor(content));
}

/** Two versions of a message, word by word: what one has and the other has not. */
export function Compare({ message, busy, onClose }: Props) {
  const versions = useVersions(message);
  const shown = message.variant ?? 1;
  const [after, setAfter] = useState(shown);
  const [before, setBefore] = useState(shown > 1 ? shown - 1 : 2);
  const list = versions.data?.variants ?? [];
  const find = (number: number) => list.find((one) => one.variant === number);
  const [left, right] = [find(before), find(after)];
  const runs = useMemo(
    () => (left === undefined || right === undefined ? [] : wordDiff(wordsOf(left), wordsOf(right))),
    [left, right],
  );
  const show = () => {
    onClose();
    void showVariant(message, after);
  };
  return (
    <Dialog title={words.title} testId="compare" wide onClose={onClose}>
      <Choices>
        <Versions label={words.before} list={list} value={before} onChange={setBefore} />
        <IconButton
          type="button"
          aria-label={words.swap}
          title={words.swap}
          onClick={() => {
            setBefore(after);
            setAfter(before);
          }}
          data-testid="compare-swap"
        >
          <ArrowLeftRight size={16} aria-hidden />
        </IconButton>
        <Versions label={words.after} list={list} value={after} onChange={setAfter} />
      </Choices>
      {versions.isPending && <p role="status">{words.loading}</p>}
      {versions.isError && <p role="alert">{words.failed(versions.error.message)}</p>}
      {versions.isSuccess && <Result key={`${before} ${after}`} runs={runs} />}
      <DialogActions>
        {after !== shown && (
          <Button type="button" disabled={busy || versions.data === undefined} onClick={show}>
            {words.show(after)}
          </Button>
        )}
        <PrimaryButton type="button" onClick={onClose}>
          {words.close}
        </PrimaryButton>
      </DialogActions>
    </Dialog>
  );
}

interface VersionsProps {
  label: string;
  list: readonly Message[];
  value: number;
  onChange: (version: number) => void;
}

function Versions({ label, list, value, onChange }: VersionsProps) {
  const endpoints = useEndpoints();
  const nameFor = (one: Message) =>
    words.version(one.variant ?? 1, nameOf(endpoints, one.model ?? ''), formatMoment(one.timestamp));
  return (
    <Choice>
      {label}
      <select
        value={value}
        onChange={(event) => {
          onChange(Number(event.target.value));
        }}
      >
        {list.map((one) => (
          <option key={one.variant} value={one.variant}>
            {nameFor(one)}
          </option>
        ))}
      </select>
    </Choice>
  );
}

function sumOf(runs: readonly Run[]): string {
  const count = (change: Run['change']) =>
    runs.reduce((sum, run) => sum + (run.change === change ? countWords(run.text) : 0), 0);
  return runs.every((run) => run.change === 'same') ? words.same : words.sum(count('removed'), count('added'));
}

function Result({ runs }: { runs: readonly Run[] }) {
  const place = useRef<HTMLDivElement | null>(null);
  const sum = useMemo(() => sumOf(runs), [runs]);
  const [at, setAt] = useState(-1);
  const count = runs.filter((run) => run.change !== 'same').length;
  useEffect(() => {
    announce(sum);
  }, [sum]);
  const go = (step: number) => {
    const next = Math.min(Math.max(at + step, 0), count - 1);
    setAt(next);
    const element = place.current?.querySelectorAll('ins, del')[next];
    element?.scrollIntoView({ block: 'center' });
    announce(`${words.at(next + 1, count)}. ${element?.textContent ?? ''}`);
  };
  let change = -1;
  return (
    <>
      <Sum>
        <p data-testid="compare-sum">{sum}</p>
        {count > 1 && (
          <>
            <IconButton
              type="button"
              aria-label={words.previous}
              title={words.previous}
              onClick={() => {
                go(-1);
              }}
            >
              <ArrowUp size={16} aria-hidden />
            </IconButton>
            <IconButton
              type="button"
              aria-label={words.next}
              title={words.next}
              onClick={() => {
                go(1);
              }}
            >
              <ArrowDown size={16} aria-hidden />
            </IconButton>
          </>
        )}
      </Sum>
      {/* What scrolls must be reached by the keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <Differences ref={place} role="region" aria-label={words.text} tabIndex={0} data-testid="compare-text">
        {runs.map((run, index) => {
          const key = `${index} ${run.change}`;
          if (run.change === 'same') return <span key={key}>{run.text}</span>;
          change++;
          const Mark = run.change === 'removed' ? 'del' : 'ins';
          return (
            <Mark key={key} data-current={change === at}>
              <VisuallyHidden as="span">{words[run.change]}</VisuallyHidden>
              {run.text}
              <VisuallyHidden as="span">{words.end}</VisuallyHidden>
            </Mark>
          );
        })}
      </Differences>
    </>
  );
}
