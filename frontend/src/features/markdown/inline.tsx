import type { Image, ImageReference, PhrasingContent } from 'mdast';
import type { ReactNode } from 'react';

import { text } from '../../shared/i18n/messages';
import { lazyPart } from '../../shared/lib/lazy-part';
import { Formula } from './formula';
import type { RenderContext } from './render-context';
import { hostOf, inlineImageUrl, safeLink } from './safe-url';
import { ImageCard, InlineCode, InlinePicture } from './styles';

const usePictures = lazyPart(() => import('./picture.lazy'));
const lineBreak = /^<br\s*\/?>$/i;

/** Text with its marks. Nothing here ever becomes HTML from a string. */
export function renderInline(nodes: readonly PhrasingContent[], context: RenderContext): ReactNode[] {
  return nodes.map((node, index) => renderNode(node, index, context));
}

function renderNode(node: PhrasingContent, key: number, context: RenderContext): ReactNode {
  switch (node.type) {
    case 'text':
      return node.value;
    case 'strong':
      return <strong key={key}>{renderInline(node.children, context)}</strong>;
    case 'emphasis':
      return <em key={key}>{renderInline(node.children, context)}</em>;
    case 'delete':
      return <del key={key}>{renderInline(node.children, context)}</del>;
    case 'inlineCode':
      return <InlineCode key={key}>{node.value}</InlineCode>;
    case 'inlineMath':
      return <Formula key={key} source={node.value} display={node.display} />;
    case 'break':
      return <br key={key} />;
    case 'html':
      return lineBreak.test(node.value.trim()) ? <br key={key} /> : node.value;
    case 'link':
      return (
        <SafeLink key={key} address={node.url} title={node.title}>
          {renderInline(node.children, { ...context, linked: true })}
        </SafeLink>
      );
    case 'linkReference': {
      const url = context.definitions.get(node.identifier)?.url ?? '';
      return (
        <SafeLink key={key} address={url}>
          {renderInline(node.children, { ...context, linked: true })}
        </SafeLink>
      );
    }
    case 'image':
    case 'imageReference':
      return <Picture key={key} node={node} context={context} />;
    case 'footnoteReference':
      return <FootnoteMark key={key} identifier={node.identifier} context={context} />;
    default:
      return null;
  }
}

function SafeLink({
  address,
  title,
  children,
}: {
  address: string;
  title?: string | null | undefined;
  children: ReactNode;
}) {
  const href = safeLink(address);
  if (href === null) return <span>{children}</span>;
  // Where it leads is seen before it is followed, whatever its words say.
  const host = hostOf(href);
  const hint = title === null || title === undefined ? host : `${title} (${host})`;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={hint}>
      {children}
    </a>
  );
}

function Picture({ node, context }: { node: Image | ImageReference; context: RenderContext }) {
  const address = node.type === 'image' ? node.url : (context.definitions.get(node.identifier)?.url ?? '');
  const alt = node.alt ?? '';
  const inside = inlineImageUrl(address);
  if (inside !== null) return <InlinePicture src={inside} alt={alt} />;
  const href = safeLink(address);
  if (href === null) return <span>{alt}</span>;
  return <Elsewhere address={href} alt={alt} linked={context.linked === true} />;
}

/** A picture that is not here: its name, until what is needed to show it has come. */
function Elsewhere({ address, alt, linked }: { address: string; alt: string; linked: boolean }) {
  const pictures = usePictures(!linked);
  const from = text.markdown.image(hostOf(address));
  const name = alt === '' ? from : `${alt} (${from})`;
  if (linked) return <span>{name}</span>;
  if (pictures !== null) return <pictures.RemotePicture key={address} address={address} alt={alt} />;
  return (
    <ImageCard href={address} target="_blank" rel="noopener noreferrer nofollow" title={text.markdown.imageHint}>
      {name}
    </ImageCard>
  );
}

function FootnoteMark({ identifier, context }: { identifier: string; context: RenderContext }) {
  const number = context.footnotes.indexOf(identifier) + 1;
  if (number === 0) return <sup>[{identifier}]</sup>;
  const id = `${context.prefix}-fn-${number}`;
  return (
    <sup>
      <a href={`#${id}`} id={`${id}-ref`} aria-label={text.markdown.footnote(String(number))}>
        {number}
      </a>
    </sup>
  );
}
