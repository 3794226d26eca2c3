import type { Table, TableCell } from 'mdast';
import { useState } from 'react';

import { tableText } from '../../shared/i18n/table-texts';
import { lazyPart } from '../../shared/lib/lazy-part';
import type { Sorting } from '../../shared/table/sorting';
import { Bar, Frame } from './code-styles';
import { renderInline } from './inline';
import type { RenderContext } from './render-context';
import { TableScroll } from './table-styles';

const useTools = lazyPart(() => import('./table-tools.lazy'));

interface Props {
  table: Table;
  context: RenderContext;
  open: boolean;
}

/** A table that scrolls by itself; what can be done with it comes when it is complete. */
export function TableBlock({ table, context, open }: Props) {
  const tools = useTools(!open);
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const [head, ...body] = table.children;
  const ready = open ? null : tools;
  const rows = ready === null ? body : ready.sortedBody(body, sorting);
  const shown = (cell: TableCell) => renderInline(cell.children, context);
  return (
    <Frame data-testid="table-block">
      <Bar>
        <span>{tableText.name}</span>
        {ready !== null && <ready.TableTools head={head} body={rows} />}
      </Bar>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <TableScroll tabIndex={0} role="group" aria-label={tableText.name}>
        <table>
          <thead>
            <tr>
              {head?.children.map((cell, index) => (
                <th
                  // A column has no identity but its place.
                  // oxlint-disable-next-line react/no-array-index-key
                  key={index}
                  scope="col"
                  data-align={table.align?.[index] ?? undefined}
                  aria-sort={ready?.orderOf(sorting, index)}
                >
                  {shown(cell)}
                  {ready !== null && body.length > 1 && (
                    <ready.SortColumn cell={cell} column={index} sorting={sorting} onSort={setSorting} />
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, place) => (
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={place}>
                {row.children.map((cell, index) => (
                  // oxlint-disable-next-line react/no-array-index-key
                  <td key={index} data-align={table.align?.[index] ?? undefined}>
                    {shown(cell)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Frame>
  );
}
