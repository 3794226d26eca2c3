import { createStore, useStore } from './store';
import { VisuallyHidden } from '../ui/visually-hidden';

const spoken = createStore<{ text: string }>(() => ({ text: '' }));
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says one short status to screen readers; the region is emptied soon after. */
export function announce(text: string): void {
  clearTimeout(timer);
  spoken.setState({ text });
  timer = setTimeout(() => {
    spoken.setState({ text: '' });
  }, 1500);
}

export function Announcer() {
  const text = useStore(spoken, (state) => state.text);
  return (
    <VisuallyHidden role="status" data-testid="announcer">
      {text}
    </VisuallyHidden>
  );
}
