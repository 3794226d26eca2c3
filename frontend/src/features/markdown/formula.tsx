import { lazyPart } from '../../shared/lib/lazy-part';
import { FormulaSource } from './formula-styles';

const useKatex = lazyPart(() => import('./katex.lazy'));

/** A complete formula. Until it can be set, and where it has a mistake, its source is shown. */
export function Formula({ source, display }: { source: string; display: boolean }) {
  const katex = useKatex(true);
  if (katex === null) return <FormulaSource data-display={display}>{source}</FormulaSource>;
  return <katex.SetFormula source={source} display={display} />;
}
