import type { List, ListItem, Nodes, Parents, RootContent, Table } from 'mdast';

import type { Document } from '../markdown/document';

/** How what is no running text is put into words. */
export interface Manner {
  code: (value: string, language: string) => string;
  row: (cells: readonly string[]) => string;
  /** A link whose words are not its address. */
  link: (words: string, url: string) => string;
}

/** For the clipboard: nothing is lost but the marks, and a table goes into a spreadsheet. */
const toPaste: Manner = {
  code: (value) => value,
  row: (cells) => cells.join('\t'),
  link: (words, url) => `${words} (${url})`,
};

const blocksApart: ReadonlySet<string> = new Set(['blockquote', 'footnoteDefinition']);

class Writer {
  constructor(
    private readonly document: Document,
    private readonly manner: Manner,
  ) {}

  blocks(nodes: readonly RootContent[]): string {
    return nodes
      .map((node) => this.write(node))
      .filter((words) => words !== '')
      .join('\n\n');
  }

  write(node: Nodes): string {
    switch (node.type) {
      case 'list':
        return this.#list(node);
      case 'table':
        return this.#table(node);
      case 'code':
        return this.manner.code(node.value, node.lang ?? '');
      case 'break':
        return '\n';
      case 'image':
      case 'imageReference':
        return node.alt ?? '';
      case 'link':
        return this.#link(this.#inside(node), node.url);
      case 'linkReference':
        return this.#link(this.#inside(node), this.document.definitions.get(node.identifier)?.url ?? '');
      case 'footnoteReference':
        return `[${this.#numberOf(node.identifier)}]`;
      case 'definition':
      case 'footnoteDefinition':
      case 'thematicBreak':
        return '';
      default:
        if ('value' in node) return node.value;
        if (!('children' in node)) return '';
        return blocksApart.has(node.type) ? this.blocks(node.children as RootContent[]) : this.#inside(node);
    }
  }

  footnotes(): string[] {
    return this.document.footnotes.map((note, index) => `[${index + 1}] ${this.blocks(note.children)}`);
  }

  #numberOf(identifier: string): number {
    return this.document.footnotes.findIndex((note) => note.identifier === identifier) + 1;
  }

  #inside(node: Parents): string {
    return node.children.map((child) => this.write(child)).join('');
  }

  #link(words: string, url: string): string {
    return url === '' || words === url || `mailto:${words}` === url ? words : this.manner.link(words, url);
  }

  #list(list: List): string {
    const first = list.start ?? 1;
    return list.children
      .map((item, index) => this.#item(item, list.ordered === true ? `${first + index}. ` : '- '))
      .join('\n');
  }

  #item(item: ListItem, mark: string): string {
    const done = typeof item.checked === 'boolean' ? (item.checked ? '[x] ' : '[ ] ') : '';
    const words = item.children.map((child) => this.write(child)).join(item.spread === true ? '\n\n' : '\n');
    return `${mark}${done}${words.replaceAll(/\n(?!\n)/g, `\n${' '.repeat(mark.length)}`)}`;
  }

  #table(table: Table): string {
    const cell = (node: Parents) => this.#inside(node).replaceAll(/[\t\n]+/g, ' ');
    return table.children.map((row) => this.manner.row(row.children.map(cell))).join('\n');
  }
}

/** One block in words, for whoever says them. */
export function blockText(document: Document, node: RootContent, manner: Manner): string {
  return new Writer(document, manner).write(node).trim();
}

/** A reply without its marks. */
export function plainText(document: Document): string {
  const writer = new Writer(document, toPaste);
  return [writer.blocks(document.blocks.map((block) => block.node)), ...writer.footnotes()]
    .filter((words) => words !== '')
    .join('\n\n');
}
