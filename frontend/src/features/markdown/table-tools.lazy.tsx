import { Download } from 'lucide-react';
import type { TableCell, TableRow } from 'mdast';

import { tableText } from '../../shared/i18n/table-texts';
import { cellOf, numbersOf } from '../../shared/table/amounts';
import { downloadCsv } from '../../shared/table/csv';
import { SortMark, sortFurther } from '../../shared/table/sort-mark';
import { sortRows, type Sorting } from '../../shared/table/sorting';
import { CopyButton } from '../../shared/ui/copy-button';
import { IconButton } from '../../shared/ui/icon-button';
import { SortButton } from './table-styles';
import { htmlOf, textOf, textsOf, tsvOf } from './table-text';

export { orderOf } from '../../shared/table/sorting';

/** The rows in the order that was asked for: as numbers where a column holds nothing else. */
export function sortedBody(body: TableRow[], sorting: Sorting | null): TableRow[] {
  if (sorting === null) return body;
  const { column, up } = sorting;
  const cellAt = (row: TableRow) => cellOf(textOf(row.children[column]?.children ?? []));
  return sortRows(body, up, cellAt, numbersOf(body.map(cellAt)));
}

interface SortProps {
  cell: TableCell;
  column: number;
  sorting: Sorting | null;
  onSort: (sorting: Sorting | null) => void;
}

/** Lies over a heading, so that all of it can be clicked, beside what the heading itself holds. */
export function SortColumn({ cell, column, sorting, onSort }: SortProps) {
  const words = textOf(cell.children).trim();
  const name = words === '' ? tableText.column(column + 1) : words;
  return (
    <SortButton
      type="button"
      aria-label={tableText.sortBy(name)}
      title={tableText.sortBy(name)}
      onClick={() => {
        onSort(sortFurther(sorting, column, name));
      }}
    >
      <SortMark sorting={sorting} column={column} />
    </SortButton>
  );
}

/** Copies and downloads the rows in the order in which they are shown. */
export function TableTools({ head, body }: { head: TableRow | undefined; body: readonly TableRow[] }) {
  const texts = () => [textsOf(head), ...body.map(textsOf)];
  return (
    <>
      <CopyButton label={tableText.copy} value={() => tsvOf(texts())} html={() => htmlOf(texts())} />
      <IconButton
        type="button"
        aria-label={tableText.download}
        title={tableText.download}
        onClick={() => {
          const names = textsOf(head);
          downloadCsv(names.join(' '), 'table', names, body.map(textsOf));
        }}
      >
        <Download size={16} aria-hidden />
      </IconButton>
    </>
  );
}
