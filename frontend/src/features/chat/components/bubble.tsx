import { useId, useState } from 'react';
import styled from 'styled-components';

import { text } from '../../../shared/i18n/messages';
import { formatCount } from '../../../shared/lib/format';
import { Bubble as Frame, QuietButton } from './message-styles';

/** A question longer than this is folded: what was pasted need not be scrolled past. */
const mostCharacters = 3000;
const mostLines = 30;
const shownCharacters = 900;
const shownLines = 12;

const Fold = styled.div`
  margin: 6px 0 -4px -8px;
`;

function beginningOf(content: string): string | null {
  const lines = content.split('\n', mostLines + 1);
  if (content.length <= mostCharacters && lines.length <= mostLines) return null;
  return lines.slice(0, shownLines).join('\n').slice(0, shownCharacters).trimEnd();
}

/** What a person has said; the beginning of it where it is long. */
export function Bubble({ content }: { content: string }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const beginning = beginningOf(content);
  if (beginning === null) return <Frame>{content}</Frame>;
  return (
    <Frame data-testid="folded">
      <div id={id}>{open ? content : `${beginning}…`}</div>
      <Fold>
        <QuietButton
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => {
            setOpen(!open);
          }}
        >
          {open ? text.message.showLess : text.message.showAll(formatCount(content.length))}
        </QuietButton>
      </Fold>
    </Frame>
  );
}
