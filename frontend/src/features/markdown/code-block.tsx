import { WrapText } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';

import { codeText } from '../../shared/i18n/code-texts';
import { formatCount } from '../../shared/lib/format';
import { lazyPart } from '../../shared/lib/lazy-part';
import { readStored, writeStored } from '../../shared/lib/storage';
import { CopyButton } from '../../shared/ui/copy-button';
import { IconButton } from '../../shared/ui/icon-button';
import { CodeBody } from './code-body';
import { Bar, DiagramButton, FoldButton, Frame, Region } from './code-styles';
import { foldOf } from './fold';

const useDiagram = lazyPart(() => import('./diagram.lazy'));

interface Props {
  code: string;
  language: string | null;
  open: boolean;
  /** What it is, for those who cannot see where it stands; its language without. */
  name?: string;
}

export function CodeBlock({ code, language, open, name }: Props) {
  const [wrap, toggleWrap] = useWrap();
  // What was read as it came stays in sight: only code that is there from the start is folded.
  const [folded, setFolded] = useState(!open);
  const fold = useMemo(() => (open ? null : foldOf(code)), [open, code]);
  const label = language ?? codeText.plain;
  const isDiagram = language?.toLowerCase() === 'mermaid' && !open;
  const [drawn, setDrawn] = useState(false);
  const diagram = useDiagram(drawn);
  const hides = folded && fold !== null;
  return (
    <Frame data-testid="code-block">
      <Bar>
        <span>{label}</span>
        {isDiagram && (
          <DiagramButton
            type="button"
            onClick={() => {
              setDrawn(!drawn);
            }}
          >
            {drawn ? codeText.showCode : codeText.showDiagram}
          </DiagramButton>
        )}
        {!(isDiagram && drawn) && (
          <IconButton
            type="button"
            aria-label={codeText.wrap}
            title={codeText.wrap}
            aria-pressed={wrap}
            onClick={toggleWrap}
          >
            <WrapText size={16} aria-hidden />
          </IconButton>
        )}
        <CopyButton label={codeText.copy} value={() => code} />
      </Bar>
      {isDiagram && drawn && diagram !== null && <diagram.Diagram code={code} />}
      {!(isDiagram && drawn) && (
        <>
          {/* A region that scrolls must be reachable by keyboard. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <Region tabIndex={0} role="group" aria-label={name ?? codeText.region(label)} data-wrap={wrap}>
            <pre>
              <code>
                <CodeBody code={hides ? fold.head : code} language={language} open={open} />
              </code>
            </pre>
            {hides && <Hidden code={fold.rest} onFound={setFolded} />}
          </Region>
          {fold !== null && (
            <FoldButton
              type="button"
              aria-expanded={!folded}
              onClick={(event) => {
                setFolded(!folded);
                keepInSight(event.currentTarget);
              }}
            >
              {folded ? codeText.showAll(formatCount(fold.lines)) : codeText.showFewer}
            </FoldButton>
          )}
        </>
      )}
    </Frame>
  );
}

/** Whether long lines are broken: what was chosen last, for this block and those to come. */
function useWrap(): [boolean, () => void] {
  const [wrap, setWrap] = useState(() => readStored('code.wrap') === 'true');
  return [
    wrap,
    () => {
      setWrap(!wrap);
      writeStored('code.wrap', String(!wrap));
    },
  ];
}

/** Lines folded away that the browser's own search finds all the same. */
function Hidden({ code, onFound }: { code: string; onFound: (folded: boolean) => void }) {
  const place = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const element = place.current;
    const found = () => {
      onFound(false);
    };
    element?.setAttribute('hidden', 'until-found');
    element?.addEventListener('beforematch', found);
    return () => {
      element?.removeEventListener('beforematch', found);
    };
  }, [onFound]);
  return (
    <pre ref={place} hidden>
      <code>{code}</code>
    </pre>
  );
}

/** A button that goes up with what it folds is brought back to where it can be seen. */
function keepInSight(button: HTMLElement): void {
  requestAnimationFrame(() => {
    button.scrollIntoView({ block: 'nearest' });
  });
}
