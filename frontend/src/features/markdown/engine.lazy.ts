import { whenIdle } from '../../shared/lib/when-idle';
import { parseDocument } from './parse';

/** What parses and lays out replies, fetched beside the page: the welcome screen does without it. */
export { IncrementalMarkdown } from './incremental';
export { Markdown } from './markdown';
export { parseDocument } from './parse';

/** A little of what replies are made of. */
const sample =
  '# A\n\nB **c** *d* `e` [f](https://g.org)\n\n- h\n\n1. i\n\n> j\n\n|k|l|\n|-|-|\n|m|n|\n\n```o\np\n```\n\n$q$\n';

// What has run before runs several times faster than at first: the first chat is not to wait for it.
whenIdle(() => parseDocument(sample));
