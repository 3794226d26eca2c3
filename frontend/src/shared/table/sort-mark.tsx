import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';

import { tableText } from '../i18n/table-texts';
import { announce } from '../lib/announcer';
import { nextSorting, type Sorting } from './sorting';

export function SortMark({ sorting, column }: { sorting: Sorting | null; column: number }) {
  if (sorting?.column !== column) return <ChevronsUpDown size={13} aria-hidden />;
  return sorting.up ? <ArrowUp size={13} aria-hidden /> : <ArrowDown size={13} aria-hidden />;
}

/** What a click on a heading leads to, said aloud. */
export function sortFurther(sorting: Sorting | null, column: number, name: string): Sorting | null {
  const next = nextSorting(sorting, column);
  announce(next === null ? tableText.unsorted : tableText.sorted(name, next.up));
  return next;
}
