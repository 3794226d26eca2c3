import type { PhrasingContent, TableRow } from 'mdast';

import { withoutFormula } from '../../shared/table/csv';

/** The words of a cell without their marks. */
export function textOf(nodes: readonly PhrasingContent[]): string {
  return nodes
    .map((node) => {
      if ('children' in node) return textOf(node.children);
      if (node.type === 'break' || (node.type === 'html' && /^<br\s*\/?>$/i.test(node.value))) return ' ';
      if (node.type === 'image' || node.type === 'imageReference') return node.alt ?? '';
      return 'value' in node ? node.value : '';
    })
    .join('');
}

export function textsOf(row: TableRow | undefined): string[] {
  return row?.children.map((cell) => textOf(cell.children).trim()) ?? [];
}

/** For spreadsheets: a cell is a field, a row a line, and nothing is run. */
export function tsvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map((cell) => withoutFormula(cell.replace(/\s+/g, ' '))).join('\t')).join('\n');
}

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For text processors. It goes to the clipboard only, never into the page. */
export function htmlOf([head = [], ...body]: readonly (readonly string[])[]): string {
  const rowOf = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(withoutFormula(cell))}</${tag}>`).join('')}</tr>`;
  const rows = body.map((cells) => rowOf(cells, 'td')).join('');
  return `<table><thead>${rowOf(head, 'th')}</thead><tbody>${rows}</tbody></table>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => named[letter] ?? letter);
}
