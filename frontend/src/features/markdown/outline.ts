import type { Block } from './document';

/** The message itself is headed by an h2. */
const above = 2;
const deepest = 6;

/**
 * The heading level of each block that is a heading, so that no level is ever left out, whatever
 * depths the model has used. A level depends only on what stands before it: growing text never
 * changes it.
 */
export function headingLevels(blocks: readonly Block[]): number[] {
  const open: number[] = [];
  return blocks.map(({ node }) => {
    if (node.type !== 'heading') return 0;
    while ((open.at(-1) ?? 0) >= node.depth) open.pop();
    open.push(node.depth);
    return Math.min(above + open.length, deepest);
  });
}
