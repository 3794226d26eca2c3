import type { ElementContent } from 'hast';
import { memo, useMemo, type ReactNode } from 'react';
import styled from 'styled-components';

import { text } from '../../shared/i18n/messages';
import { c, radius } from '../../shared/theme/theme';
import { CopyButton } from '../../shared/ui/copy-button';
import { useHighlighter } from './use-highlighter';

const Frame = styled.div`
  margin: 0.9em 0;
  border: 1px solid ${c.border.default};
  border-radius: ${radius.medium};
  background: ${c.bg.code};
  overflow: hidden;
`;

const Bar = styled.div`
  display: flex;
  align-items: center;
  justify-content: space-between;
  padding: 2px 4px 2px 14px;
  background: ${c.bg.codeBar};
  color: ${c.fg.muted};
  font-size: 0.8125rem;
`;

const Pre = styled.pre`
  margin: 0;
  padding: 12px 14px;
  overflow-x: auto;
  font-size: 0.84rem;
  line-height: 1.55;
  tab-size: 4;
  &:focus-visible {
    outline-offset: -2px;
  }
`;

/** While code grows, lines that are done are coloured in pieces of this many. */
const pieceLines = 40;
/** Longer code stays plain: colouring it would hold up the page. */
const mostColoured = 60_000;

function toReact(nodes: readonly ElementContent[]): ReactNode[] {
  return nodes.map((node, index) => {
    if (node.type === 'text') return node.value;
    if (node.type !== 'element') return null;
    const names = node.properties.className;
    return (
      // Pieces of code have no identity but their place.
      // oxlint-disable-next-line react/no-array-index-key
      <span key={index} className={Array.isArray(names) ? names.join(' ') : undefined}>
        {toReact(node.children)}
      </span>
    );
  });
}

const Coloured = memo(function Coloured({ code, language }: { code: string; language: string }) {
  const highlight = useHighlighter(true);
  const tree = useMemo(
    () => (highlight === null || code.length > mostColoured ? null : highlight(code, language)),
    [highlight, code, language],
  );
  return tree === null ? code : toReact(tree);
});

function pieces(code: string): string[] {
  const found: string[] = [];
  let start = 0;
  let lines = 0;
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) {
    lines += 1;
    if (lines % pieceLines === 0) {
      found.push(code.slice(start, at + 1));
      start = at + 1;
    }
  }
  found.push(code.slice(start));
  return found;
}

interface Props {
  code: string;
  language: string | null;
  open: boolean;
  /** What it is, for those who cannot see where it stands; its language without. */
  name?: string;
}

export function CodeBlock({ code, language, open, name }: Props) {
  const label = language ?? text.code.plain;
  return (
    <Frame data-testid="code-block">
      <Bar>
        <span>{label}</span>
        <CopyButton label={text.code.copy} value={() => code} />
      </Bar>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <Pre tabIndex={0} role="region" aria-label={name ?? text.code.region(label)}>
        <code>{language === null ? code : <Body code={code} language={language} open={open} />}</code>
      </Pre>
    </Frame>
  );
}

function Body({ code, language, open }: { code: string; language: string; open: boolean }) {
  if (!open) return <Coloured code={code} language={language} />;
  // oxlint-disable-next-line react/no-array-index-key
  return pieces(code).map((piece, index) => <Coloured key={index} code={piece} language={language} />);
}
