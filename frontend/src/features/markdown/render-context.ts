import type { Definition } from 'mdast';

/** What a block may refer to outside itself. */
export interface RenderContext {
  definitions: ReadonlyMap<string, Definition>;
  /** Footnote labels in the order of their definitions. */
  footnotes: readonly string[];
  /** Makes ids unique on the page. */
  prefix: string;
  /** Within a link, where nothing else can be pressed. */
  linked?: boolean;
}
