import type { List, ListItem, Nodes, RootContent } from 'mdast';
import { createElement, memo, type ReactNode } from 'react';

import { text } from '../../shared/i18n/messages';
import { CodeBlock } from './code-block';
import { Formula } from './formula';
import { FormulaSource } from './formula-styles';
import { renderInline } from './inline';
import type { RenderContext } from './render-context';
import { Check, Quote, Rule } from './styles';
import { TableBlock } from './table-block';

export function renderBlocks(nodes: readonly RootContent[], context: RenderContext, open = false): ReactNode[] {
  return nodes.map((node, index) => renderBlock(node, index, context, open && index === nodes.length - 1));
}

function renderBlock(node: RootContent, key: number, context: RenderContext, open: boolean): ReactNode {
  switch (node.type) {
    case 'paragraph':
      return <p key={key}>{renderInline(node.children, context)}</p>;
    case 'heading':
      // Inside a list or a quotation it is no part of the message's outline.
      return (
        <p key={key} data-depth={node.depth}>
          {renderInline(node.children, context)}
        </p>
      );
    case 'code':
      return <CodeBlock key={key} code={node.value} language={node.lang ?? null} open={open} />;
    case 'blockquote':
      return <Quote key={key}>{renderBlocks(node.children, context, open)}</Quote>;
    case 'list':
      return renderList(node, key, context, open);
    case 'table':
      return <TableBlock key={key} table={node} context={context} open={open} />;
    case 'math':
      if (!node.closed) return <FormulaSource key={key}>{node.value}</FormulaSource>;
      return <Formula key={key} source={node.value} display />;
    case 'thematicBreak':
      return <Rule key={key} />;
    case 'html':
      return <p key={key}>{node.value}</p>;
    default:
      return null;
  }
}

function renderList(list: List, key: number, context: RenderContext, open: boolean): ReactNode {
  const loose = list.spread ?? false;
  const items = list.children.map((item, index) =>
    renderItem(item, index, loose, context, open && index === list.children.length - 1),
  );
  if (list.ordered === true)
    return (
      <ol key={key} start={list.start ?? 1}>
        {items}
      </ol>
    );
  return <ul key={key}>{items}</ul>;
}

function renderItem(item: ListItem, key: number, loose: boolean, context: RenderContext, open: boolean): ReactNode {
  const wide = loose || item.spread === true;
  const content = item.children.map((child, index) => {
    const last = open && index === item.children.length - 1;
    if (child.type === 'paragraph' && !wide) return renderInline(child.children, context);
    return renderBlock(child, index, context, last);
  });
  if (item.checked === null || item.checked === undefined) return <li key={key}>{content}</li>;
  return (
    <li key={key} data-task="">
      <Check role="img" aria-label={item.checked ? text.markdown.done : text.markdown.open} data-done={item.checked} />
      <div>{content}</div>
    </li>
  );
}

interface BlockProps {
  node: RootContent;
  context: RenderContext;
  open: boolean;
  /** The heading level on the page, for a heading. */
  level: number;
}

/** A block whose node is the same object as before is not rendered again. */
export const BlockView = memo(function BlockView({ node, context, open, level }: BlockProps) {
  if (node.type !== 'heading') return renderBlock(node, 0, context, open);
  return createElement(`h${level}`, { 'data-depth': node.depth }, renderInline(node.children, context));
}, isShown);

/** Labels that turn up matter to those blocks only that refer to some. */
function isShown(before: BlockProps, now: BlockProps): boolean {
  const same = before.node === now.node && before.open === now.open && before.level === now.level;
  return same && (before.context === now.context || !refers(now.node));
}

function refers(node: Nodes): boolean {
  if (node.type.endsWith('Reference')) return true;
  return 'children' in node && node.children.some(refers);
}
