import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';
import { useMemo, useState } from 'react';

import { genieText } from '../../shared/i18n/genie';
import { announce } from '../../shared/lib/announcer';
import { nextSorting, shownCell, sortRows, type Cell, type Column, type Result, type Sorting } from './result';
import { Frame } from './styles';

/** More are shown on demand. */
export const firstRows = 50;

function SortMark({ sorting, column }: { sorting: Sorting | null; column: number }) {
  if (sorting?.column !== column) return <ChevronsUpDown size={13} aria-hidden />;
  return sorting.up ? <ArrowUp size={13} aria-hidden /> : <ArrowDown size={13} aria-hidden />;
}

function orderOf(sorting: Sorting | null, column: number): 'ascending' | 'descending' | undefined {
  if (sorting?.column !== column) return undefined;
  return sorting.up ? 'ascending' : 'descending';
}

function Value({ cell, column }: { cell: Cell; column: Column }) {
  return <td data-kind={column.kind}>{cell === null ? <i>{genieText.null}</i> : shownCell(cell, column)}</td>;
}

export function DataTable({ result, all, label }: { result: Result; all: boolean; label: string }) {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const rows = useMemo(() => sortRows(result, sorting), [result, sorting]);
  const shown = all ? rows : rows.slice(0, firstRows);
  const sort = (column: number, name: string) => {
    const next = nextSorting(sorting, column);
    setSorting(next);
    announce(next === null ? genieText.unsorted : genieText.sorted(name, next.up));
  };
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
                  title={genieText.sortBy(column.name)}
                  onClick={() => {
                    sort(index, column.name);
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
