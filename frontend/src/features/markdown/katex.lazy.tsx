import katex from 'katex';
import 'katex/dist/katex.min.css';
import { memo, useLayoutEffect, useRef, useState } from 'react';

import { text } from '../../shared/i18n/messages';
import { FormulaPlace } from './formula-styles';

/** Longer ones are no formulas that anybody reads, and would hold up the page. */
const longest = 10_000;

const options = {
  // KaTeX shows mistakes by a style attribute, which the page's policy forbids.
  throwOnError: true,
  // No links, pictures or attributes of the model's own.
  trust: false,
  strict: 'ignore',
  // Nothing larger than the page, no definition that never ends.
  maxSize: 30,
  maxExpand: 500,
  output: 'htmlAndMathml',
} as const;

/** Sets a formula: for the eye as HTML, for assistive technology as MathML. */
export const SetFormula = memo(function SetFormula({ source, display }: { source: string; display: boolean }) {
  const place = useRef<HTMLSpanElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const mistake = setInto(element, source, display);
    element.toggleAttribute('data-broken', mistake !== null);
    element.title = mistake ?? '';
    if (!display) return undefined;
    // Told after layout: to ask before would make each new formula lay out the page once more.
    const observer = new ResizeObserver(() => {
      setScrolls(element.scrollWidth > element.clientWidth);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [source, display]);
  // What scrolls must be reachable by keyboard, and then needs a name.
  const region = display && scrolls ? { tabIndex: 0, role: 'group', 'aria-label': text.markdown.formula } : {};
  return <FormulaPlace ref={place} data-display={display} {...region} />;
});

function setInto(element: HTMLElement, source: string, display: boolean): string | null {
  try {
    if (source.length > longest) throw new Error(text.markdown.formulaTooLong);
    katex.render(source, element, { ...options, displayMode: display });
    return null;
  } catch (error) {
    element.textContent = source;
    return error instanceof Error ? error.message : text.markdown.formula;
  }
}
