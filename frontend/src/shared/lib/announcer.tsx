import { createStore, useStore } from './store';
import { VisuallyHidden } from '../ui/visually-hidden';

interface Line {
  id: number;
  text: string;
}

const spoken = createStore<{ text: string; lines: readonly Line[] }>(() => ({ text: '', lines: [] }));
let timer: ReturnType<typeof setTimeout> | undefined;
let lineTimer: ReturnType<typeof setTimeout> | undefined;

/** Says one short status to screen readers; the region is emptied soon after. */
export function announce(text: string): void {
  clearTimeout(timer);
  spoken.setState({ text });
  timer = setTimeout(() => {
    spoken.setState({ text: '' });
  }, 1500);
}

/** So many lines of what is read aloud are kept, and so long: what is on the page need not be there twice. */
const mostLines = 3;
const lineRest = 8000;
let lastLine = 0;

/** Has a screen reader read a piece of a reply, behind what it reads now. */
export function readOut(text: string): void {
  clearTimeout(lineTimer);
  const { lines } = spoken.getState();
  spoken.setState({ lines: [...lines.slice(1 - mostLines), { id: ++lastLine, text }] });
  lineTimer = setTimeout(() => {
    spoken.setState({ lines: [] });
  }, lineRest);
}

export function Announcer() {
  const { text, lines } = useStore(spoken);
  return (
    <>
      <VisuallyHidden role="status" data-testid="announcer">
        {text}
      </VisuallyHidden>
      <VisuallyHidden role="log" aria-relevant="additions" data-testid="read-aloud">
        {lines.map((line) => (
          <p key={line.id}>{line.text}</p>
        ))}
      </VisuallyHidden>
    </>
  );
}
