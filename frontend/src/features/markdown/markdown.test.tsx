import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';

import { Markdown } from './markdown';
import { parseDocument } from './parse';

function html(markdown: string): string {
  return renderToStaticMarkup(<Markdown document={parseDocument(markdown)} />);
}

describe('Markdown', () => {
  it('shows tables, task lists, strikethrough and footnotes', () => {
    const page = html('| a | b |\n|:--|--:|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n~~gone~~ and[^1]\n\n[^1]: note\n');
    expect(page).toContain('<th scope="col" data-align="left">a</th>');
    expect(page).toContain('<td data-align="right">2</td>');
    expect(page).toContain('aria-label="Done"');
    expect(page).toContain('aria-label="Not done"');
    expect(page).toContain('<del>gone</del>');
    expect(page).toMatch(/href="#(.+)-fn-1" id="\1-fn-1-ref" aria-label="Footnote 1"/);
    expect(page).toContain('Back to the text');
  });

  it('names the language of code and keeps its text as it is', () => {
    const page = html('```python\nif a < b:\n    print("&amp;")\n```\n');
    expect(page).toContain('<span>python</span>');
    expect(page).toContain('if a &lt; b:\n    print(&quot;&amp;amp;&quot;)');
    expect(page).toContain('aria-label="Copy code"');
  });

  it.each([
    ['<script>alert(1)</script>', 'script'],
    ['<img src=x onerror=alert(1)>', 'img'],
    ['text <iframe src="https://example.org"></iframe>', 'iframe'],
    ['<svg/onload=alert(1)>', 'svg/onload'],
    ['<style>*{display:none}</style>', 'style'],
    ['<a href="javascript:alert(1)">x</a>', 'a href'],
  ])('shows HTML as text: %s', (markdown, tag) => {
    const page = html(markdown);
    expect(page).not.toContain(`<${tag}`);
    expect(page).toContain(`&lt;${tag}`);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](/chat-api/logout)',
    '[x][r]\n\n[r]: data:text/html,x',
    '<javascript:alert(1)>',
    '[x](vbscript:a "t")',
  ])('links nowhere unsafe: %s', (markdown) => {
    expect(html(markdown)).not.toContain('<a ');
  });

  it('opens safe links apart, and tells them nothing', () => {
    expect(html('[x](https://example.org/a)')).toContain(
      '<a href="https://example.org/a" target="_blank" rel="noopener noreferrer nofollow" title="example.org">x</a>',
    );
    expect(html('https://example.org')).toContain('href="https://example.org/"');
  });

  it('never loads a picture from elsewhere by itself', () => {
    const page = html('![a cat](https://example.org/cat.png) ![out](/chat-api/logout)');
    expect(page).not.toContain('<img');
    expect(page).toContain('a cat (Image from example.org)');
    expect(html('![dot](data:image/png;base64,iVBORw0KGgo=)')).toContain(
      '<img src="data:image/png;base64,iVBORw0KGgo=" alt="dot"',
    );
  });

  it('leaves out no heading level, whatever depths a model uses', () => {
    const levels = (markdown: string) => Array.from(html(markdown).matchAll(/<h(\d)/g), (match) => Number(match[1]));
    expect(levels('# A\n\n## B\n\n# C')).toEqual([3, 4, 3]);
    expect(levels('### A\n\n##### B\n\n#### C\n\n## D')).toEqual([3, 4, 4, 3]);
    expect(levels('# A\n## B\n### C\n#### D\n##### E')).toEqual([3, 4, 5, 6, 6]);
  });

  it('reads a line break that models like to write as HTML', () => {
    expect(html('one<br>two')).toContain('one<br/>two');
  });
});
