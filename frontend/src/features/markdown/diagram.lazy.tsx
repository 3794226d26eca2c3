import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import styled from 'styled-components';

import { isInert, readAnswer, type Order } from '../../diagram-frame/messages';
import { codeText } from '../../shared/i18n/code-texts';
import { download } from '../../shared/lib/download';
import { useMedia } from '../../shared/lib/use-media';
import { useMode } from '../../shared/theme/mode';
import { c } from '../../shared/theme/theme';
import { IconButton } from '../../shared/ui/icon-button';

const Place = styled.div`
  position: relative;
  min-height: 60px;
  background: ${c.bg.canvas};
  iframe {
    display: block;
    width: 100%;
    max-height: 80vh;
    border: 0;
  }
  iframe[data-drawn='false'] {
    visibility: hidden;
  }
`;

const Tools = styled.div`
  display: flex;
  justify-content: flex-end;
  padding: 0 4px 4px;
`;

const Waiting = styled.p`
  padding: 10px 14px;
  color: ${c.fg.muted};
  font-size: 0.8125rem;
`;

const Failed = styled.p`
  padding: 10px 14px;
  color: ${c.fg.danger};
  font-size: 0.8125rem;
  white-space: pre-wrap;
`;

/** A frame that does not answer is given up. */
const patience = 20_000;

type State = { kind: 'waiting' } | { kind: 'drawn'; svg: string } | { kind: 'failed'; reason: string };

/**
 * A diagram, drawn by code that is not trusted with the page: the frame has no origin, and its own
 * policy lets it load nothing.
 */
export function Diagram({ code }: { code: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [ready, setReady] = useState(false);
  const [height, setHeight] = useState(0);
  const [state, setState] = useState<State>({ kind: 'waiting' });
  const dark = useDark();

  useEffect(() => {
    const listen = (event: MessageEvent) => {
      const answer = event.source === frame.current?.contentWindow ? readAnswer(event.data) : null;
      if (answer === null) return;
      if (answer.kind === 'ready') setReady(true);
      if (answer.kind === 'drawn') setState({ kind: 'drawn', svg: answer.svg });
      if (answer.kind === 'drawn' || answer.kind === 'sized') setHeight(answer.height);
      if (answer.kind === 'failed') setState(answer);
    };
    window.addEventListener('message', listen);
    return () => {
      window.removeEventListener('message', listen);
    };
  }, []);

  useEffect(() => {
    const order: Order = { code, dark };
    // A frame without an origin cannot be named by one.
    if (ready) frame.current?.contentWindow?.postMessage(order, '*');
  }, [ready, code, dark]);

  useEffect(() => {
    if (state.kind !== 'waiting') return undefined;
    const timer = setTimeout(() => {
      setState({ kind: 'failed', reason: codeText.diagramSilent });
    }, patience);
    return () => {
      clearTimeout(timer);
    };
  }, [state]);

  const drawn = state.kind === 'drawn';
  return (
    <Place aria-busy={state.kind === 'waiting'} data-testid="diagram">
      {state.kind === 'waiting' && <Waiting>{codeText.drawing}</Waiting>}
      {state.kind === 'failed' && <Failed role="alert">{`${codeText.notDrawn}\n${state.reason}`}</Failed>}
      {state.kind !== 'failed' && (
        <iframe
          ref={frame}
          src="/mermaid-frame.html"
          sandbox="allow-scripts"
          title={codeText.diagram}
          data-drawn={drawn}
          style={{ height: drawn ? height : 0 }}
        />
      )}
      {drawn && isInert(state.svg) && (
        <Tools>
          <IconButton
            type="button"
            aria-label={codeText.saveDiagram}
            title={codeText.saveDiagram}
            onClick={() => {
              download('diagram.svg', 'image/svg+xml', state.svg);
            }}
          >
            <Download size={16} aria-hidden />
          </IconButton>
        </Tools>
      )}
    </Place>
  );
}

function useDark(): boolean {
  const mode = useMode();
  const system = useMedia('(prefers-color-scheme: dark)');
  return mode === 'dark' || (mode === 'system' && system);
}
