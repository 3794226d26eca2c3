import { Info } from 'lucide-react';

import type { Part } from '../../../shared/api/types';
import { NoticeLine } from './part-styles';
import { textOf } from './values';

/** Something that the person should know of this reply. */
export function Notice({ part }: { part: Part }) {
  const words = textOf(part, 'text');
  if (words === '') return null;
  return (
    <NoticeLine data-testid="notice-part" data-code={textOf(part, 'code')}>
      <Info size={15} aria-hidden />
      {words}
    </NoticeLine>
  );
}
