import { memo, useId, useMemo, useRef, useState } from 'react';

import { text } from '../../shared/i18n/messages';
import { BlockView, renderBlocks } from './blocks';
import type { Document } from './document';
import { headingLevels } from './outline';
import type { RenderContext } from './render-context';
import { Footnotes, Prose } from './styles';
import { useLaidOut } from './use-laid-out';

/** Shows parsed Markdown; cheap to render again when only the last block has changed. */
export const Markdown = memo(function Markdown({ document }: { document: Document }) {
  const prefix = useId();
  const { blocks, definitions, footnotes } = document;
  const levels = headingLevels(blocks);
  const labels = footnotes.map((note) => note.identifier).join('\n');
  const context = useContextOnce(definitions, labels, prefix);
  const [grows, setGrows] = useState(() => blocks.some((block) => block.open));
  // One that begins anew; in one that is continued most blocks have not been measured.
  if (!grows && blocks.length === 0) setGrows(true);
  const prose = useRef<HTMLDivElement>(null);
  useLaidOut(prose, grows, blocks.filter((block) => block.open).length + (footnotes.length > 0 ? 1 : 0));
  return (
    <Prose ref={prose} data-grows={grows}>
      {blocks.map((block, index) => (
        <BlockView key={block.key} node={block.node} context={context} open={block.open} level={levels[index] ?? 0} />
      ))}
      {footnotes.length > 0 && (
        <Footnotes aria-label={text.markdown.footnotes}>
          <ol>
            {footnotes.map((note, index) => (
              <li key={note.identifier} id={`${prefix}-fn-${index + 1}`}>
                {renderBlocks(note.children, context)}
                <a href={`#${prefix}-fn-${index + 1}-ref`}>{text.markdown.backToText}</a>
              </li>
            ))}
          </ol>
        </Footnotes>
      )}
    </Prose>
  );
});

/** The same context object as long as nothing in it has changed, so that blocks can be kept. */
function useContextOnce(definitions: Document['definitions'], labels: string, prefix: string): RenderContext {
  const names = [...definitions.keys()].join('\n');
  return useMemo(
    () => ({ definitions, footnotes: labels === '' ? [] : labels.split('\n'), prefix }),
    // The maps are new with each text; their keys tell whether they differ.
    // oxlint-disable-next-line react/exhaustive-deps
    [names, labels, prefix],
  );
}
