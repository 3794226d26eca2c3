import { useEffect, useId, useRef, useState } from 'react';
import styled from 'styled-components';

import { text } from '../../shared/i18n/messages';
import { c, radius } from '../../shared/theme/theme';
import { VisuallyHidden } from '../../shared/ui/visually-hidden';
import { rename, shownTitle } from './housekeeping';
import { endRename, type Renaming } from './renaming';

const Box = styled.div`
  flex: 1;
  min-width: 0;
  padding: 2px;
  input {
    width: 100%;
    min-height: 34px;
    padding: 4px 8px;
    border: 1px solid ${c.border.control};
    border-radius: ${radius.small};
    background: ${c.bg.raised};
    font-size: 0.875rem;
  }
  input:focus {
    outline: 2px solid ${c.focus};
    outline-offset: -1px;
  }
  @media (pointer: coarse) {
    input {
      min-height: 42px;
      font-size: 1rem;
    }
  }
`;

const Theirs = styled.p`
  margin: 6px 4px 4px !important;
  color: ${c.fg.danger} !important;
  font-size: 0.8125rem !important;
  line-height: 1.4;
  overflow-wrap: anywhere;
`;

/** In characters, well within what the server takes. */
const longest = 120;

/** A chat's name as a field in its place. Enter and leaving save, Escape does not. */
export function RenameField({ renaming, onDone }: { renaming: Renaming; onDone: (refocus: boolean) => void }) {
  const { session, theirs } = renaming;
  const [value, setValue] = useState(renaming.typed);
  const field = useRef<HTMLInputElement | null>(null);
  const over = useRef(false);
  const hintId = useId();

  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  const finish = (save: boolean, refocus: boolean) => {
    if (over.current) return;
    over.current = true;
    endRename();
    onDone(refocus);
    const typed = value.trim();
    if (save && (theirs !== null || typed !== shownTitle(session))) void rename(session, typed);
  };
  return (
    <Box>
      <input
        ref={field}
        value={value}
        maxLength={longest}
        aria-label={text.chats.renameLabel}
        aria-describedby={hintId}
        aria-invalid={theirs !== null}
        data-testid="rename-field"
        onChange={(event) => {
          setValue(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter') finish(true, true);
          else if (event.key === 'Escape') {
            event.preventDefault();
            finish(false, true);
          }
          event.stopPropagation();
        }}
        // Where two names stand against each other, only a person decides.
        onBlur={() => {
          if (theirs === null) finish(true, false);
        }}
      />
      {theirs === null ? (
        <VisuallyHidden id={hintId}>{text.chats.renameHint}</VisuallyHidden>
      ) : (
        <Theirs id={hintId} role="alert" data-testid="rename-conflict">
          {text.chats.renameTheirs(theirs)}
        </Theirs>
      )}
    </Box>
  );
}
