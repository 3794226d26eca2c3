const unfinishedLink = /!?\[([^\]\n]*)\]\([^)\s]*$/;
/** A star that begins a word, with none behind it. */
const openItalic = /(?:^|[\s([{"'])\*(?=[^\s*])[^*]*$/;
const inlineCode = /(`+)(?:(?!\1)[^]|\1`+)*?\1(?!`)/g;

/**
 * Closes emphasis, code and links that the last line has begun, so that a growing text does not
 * flicker between marks and style. Only for showing: what is kept is parsed as it stands.
 */
export function closeOpenMarks(tail: string): string {
  const line = tail.lastIndexOf('\n') + 1;
  const head = tail.slice(0, line);
  let last = tail.slice(line).replace(unfinishedLink, '$1');
  if (last === '' || /^ {4}|^\s*(?:`{3,}|~{3,})/.test(last)) return head + last;

  const outside = last.replace(inlineCode, '');
  if (outside.includes('`')) {
    const opener = /`+(?=[^`]*$)/.exec(outside)?.[0] ?? '';
    return /`\s*$/.test(outside) ? head + last.replace(/`+\s*$/, '') : head + last + opener;
  }
  let closing = '';
  if (openItalic.test(outside.replaceAll('**', ''))) closing = '*';
  else last = last.replace(/(\S\s+)\*$/, '$1');
  if ((outside.match(/\*\*/g)?.length ?? 0) % 2 === 1) {
    if (/\*\*\s*$/.test(last)) last = last.replace(/\*\*\s*$/, '');
    else {
      last = last.replace(/\*$/, '');
      closing += '**';
    }
  }
  if ((outside.match(/~~/g)?.length ?? 0) % 2 === 1) {
    if (/~~\s*$/.test(last)) last = last.replace(/~~\s*$/, '');
    else closing += '~~';
  }
  return head + (closing === '' ? last : last.trimEnd() + closing);
}
