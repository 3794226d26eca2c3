/** The parser, fetched beside the page: the welcome screen does without it. */
export { IncrementalMarkdown } from './incremental';
export { parseDocument } from './parse';
