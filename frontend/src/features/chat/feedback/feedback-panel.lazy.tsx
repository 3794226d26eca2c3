import { Check, Plus } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import styled from 'styled-components';

import type { Feedback, Rating } from '../../../shared/api/types';
import { feedbackTexts as text } from '../../../shared/i18n/feedback-texts';
import { readStored, writeStored } from '../../../shared/lib/storage';
import { c, radius } from '../../../shared/theme/theme';
import { Button, PrimaryButton } from '../../../shared/ui/button';
import { draftKey, type FeedbackProps } from './feedback-slot';
import { feedbackOf, say } from './rating';

const Panel = styled.form`
  max-width: 38rem;
  margin-top: 8px;
  padding: 14px 16px 16px;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.large};
  background: ${c.bg.raised};
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  legend {
    margin-bottom: 10px;
    padding: 0;
    font-size: 0.9375rem;
    font-weight: 600;
  }
  label {
    display: block;
    margin: 14px 0 6px;
    font-size: 0.875rem;
    font-weight: 500;
  }
  label span {
    color: ${c.fg.muted};
    font-weight: 400;
  }
  textarea {
    display: block;
    width: 100%;
    min-height: 4.5rem;
    max-height: 40vh;
    padding: 8px 10px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.medium};
    background: ${c.bg.canvas};
    line-height: 1.5;
    resize: vertical;
  }
`;

const Chips = styled.div`
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
`;

const Chip = styled.button`
  display: inline-flex;
  align-items: center;
  gap: 6px;
  min-height: 32px;
  padding: 4px 12px 4px 9px;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.full};
  background: transparent;
  font-size: 0.875rem;
  line-height: 1.25;
  text-align: left;
  transition:
    background-color 120ms,
    border-color 120ms;
  svg {
    flex: none;
    color: ${c.fg.muted};
  }
  &:hover {
    background: ${c.bg.hover};
  }
  &[aria-pressed='true'] {
    border-color: ${c.accent.default};
    background: ${c.bg.selected};
    font-weight: 500;
  }
  &[aria-pressed='true'] svg {
    color: ${c.accent.default};
  }
  @media (pointer: coarse) {
    min-height: 44px;
    padding-right: 16px;
  }
`;

const Buttons = styled.div`
  display: flex;
  flex-wrap: wrap;
  justify-content: flex-end;
  gap: 8px;
  margin-top: 12px;
`;

/** As the server takes them: docs/api.md. */
const reasonsFor: Readonly<Record<Rating, readonly (keyof typeof text.reasons)[]>> = {
  up: ['accurate', 'complete', 'clear', 'well_sourced', 'other'],
  down: [
    'inaccurate',
    'incomplete',
    'not_what_i_asked',
    'ignored_instructions',
    'bad_sources',
    'too_long',
    'unsafe',
    'other',
  ],
};
const longest = 4000;

type Said = Pick<Feedback, 'reasons' | 'comment'>;

function draftOf(messageId: string): Said | null {
  try {
    const draft = JSON.parse(readStored(draftKey(messageId)) ?? 'null') as Said | null;
    return Array.isArray(draft?.reasons) ? draft : null;
  } catch {
    return null;
  }
}

/** Why a reply is good or bad. It stands below the reply and holds nobody up. */
export default function FeedbackPanel({ message, rating, focus, onClose }: FeedbackProps) {
  const id = message.message_id;
  const [said, setSaid] = useState<Said>(() => draftOf(id) ?? feedbackOf(message) ?? { reasons: [], comment: null });
  const [sending, setSending] = useState(false);
  const panel = useRef<HTMLFormElement | null>(null);
  const field = useId();
  const known: readonly string[] = reasonsFor[rating];

  useEffect(() => {
    if (focus) panel.current?.querySelector('button')?.focus({ preventScroll: true });
    panel.current?.scrollIntoView({ block: 'nearest' });
  }, [focus]);

  const change = (next: Said) => {
    setSaid(next);
    writeStored(draftKey(id), JSON.stringify(next));
  };
  const toggle = (reason: keyof typeof text.reasons) => {
    const reasons = said.reasons.includes(reason)
      ? said.reasons.filter((one) => one !== reason)
      : [...said.reasons, reason];
    change({ ...said, reasons });
  };
  const close = () => {
    writeStored(draftKey(id), null);
    onClose(panel.current?.contains(document.activeElement) === true);
  };
  const send = async () => {
    if (sending) return;
    const comment = (said.comment ?? '').trim();
    const hadFocus = panel.current?.contains(document.activeElement) === true;
    setSending(true);
    const kept = await say(message.session_id ?? '', id, {
      rating,
      reasons: said.reasons.filter((reason) => known.includes(reason)),
      comment: comment === '' ? null : comment,
    });
    setSending(false);
    if (!kept) return;
    writeStored(draftKey(id), null);
    onClose(hadFocus);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Panel
      ref={panel}
      aria-label={text.region}
      aria-busy={sending}
      data-testid="feedback-panel"
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <fieldset>
        <legend>{text.why[rating]}</legend>
        <Chips>
          {reasonsFor[rating].map((reason) => {
            const chosen = said.reasons.includes(reason);
            return (
              <Chip
                key={reason}
                type="button"
                aria-pressed={chosen}
                onClick={() => {
                  toggle(reason);
                }}
              >
                {chosen ? <Check size={14} aria-hidden /> : <Plus size={14} aria-hidden />}
                {text.reasons[reason]}
              </Chip>
            );
          })}
        </Chips>
      </fieldset>
      <label htmlFor={field}>
        {text.comment} <span>{text.optional}</span>
      </label>
      <textarea
        id={field}
        rows={3}
        maxLength={longest}
        value={said.comment ?? ''}
        onChange={(event) => {
          change({ ...said, comment: event.target.value });
        }}
      />
      <Buttons>
        <Button type="button" onClick={close}>
          {text.skip}
        </Button>
        <PrimaryButton type="submit">{text.send}</PrimaryButton>
      </Buttons>
    </Panel>
  );
}
