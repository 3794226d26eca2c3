import { useMemo, useState } from 'react';

import { genieText } from '../../shared/i18n/genie';
import { tableText } from '../../shared/i18n/table-texts';
import type { Cell } from '../../shared/table/csv';
import { sortFurther, SortMark } from '../../shared/table/sort-mark';
import { orderOf, type Sorting } from '../../shared/table/sorting';
import { shownCell, sortedRows, type Column, type Result } from './result';
import { Frame } from './styles';

/** More are shown on demand. */
export const firstRows = 50;

function Value({ cell, column }: { cell: Cell; column: Column }) {
  return <td data-kind={column.kind}>{cell === null ? <i>{genieText.null}</i> : shownCell(cell, column)}</td>;
}

export function DataTable({ result, all, label }: { result: Result; all: boolean; label: string }) {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const rows = useMemo(() => sortedRows(result, sorting), [result, sorting]);
  const shown = all ? rows : rows.slice(0, firstRows);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <Frame role="group" aria-label={label} tabIndex={0} data-testid="genie-table">
      <table>
        <thead>
          <tr>
            {result.columns.map((column, index) => (
              // Two columns of a query may have one name.
              // oxlint-disable-next-line react/no-array-index-key
              <th key={index} scope="col" data-kind={column.kind} aria-sort={orderOf(sorting, index)}>
                <button
                  type="button"
                  title={tableText.sortBy(column.name)}
                  onClick={() => {
                    setSorting(sortFurther(sorting, index, column.name));
                  }}
                >
                  {column.name}
                  <SortMark sorting={sorting} column={index} />
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, place) => (
            // oxlint-disable-next-line react/no-array-index-key
            <tr key={place}>
              {result.columns.map((column, index) => (
                // oxlint-disable-next-line react/no-array-index-key
                <Value key={index} cell={row[index] ?? null} column={column} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  );
}
