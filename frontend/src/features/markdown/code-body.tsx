import type { ElementContent } from 'hast';
import { memo, useMemo, type ReactNode } from 'react';

import { lazyPart } from '../../shared/lib/lazy-part';

/** While code grows, lines that are done are coloured in pieces of this many. */
const pieceLines = 40;
/** Longer code stays plain: colouring it would hold up the page. */
const mostColoured = 60_000;

const useColours = lazyPart(() => import('./highlight.lazy'));

interface Props {
  code: string;
  language: string | null;
  open: boolean;
}

export function CodeBody({ code, language, open }: Props) {
  if (language === null) return code;
  if (!open) return <Coloured code={code} language={language} />;
  // oxlint-disable-next-line react/no-array-index-key
  return pieces(code).map((piece, index) => <Coloured key={index} code={piece} language={language} />);
}

const Coloured = memo(function Coloured({ code, language }: { code: string; language: string }) {
  const colours = useColours(true);
  const tree = useMemo(
    () => (colours === null || code.length > mostColoured ? null : colours.highlight(code, language)),
    [colours, code, language],
  );
  return tree === null ? code : toReact(tree);
});

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
