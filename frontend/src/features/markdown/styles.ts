import styled from 'styled-components';

import { c, font, radius } from '../../shared/theme/theme';

export const Prose = styled.div`
  overflow-wrap: anywhere;
  & > :first-child {
    margin-top: 0;
  }
  & > :last-child {
    margin-bottom: 0;
  }
  /* What has been laid out keeps its height once it is out of sight, and need not be painted. */
  &[data-grows='true'] > :not(section) {
    contain-intrinsic-block-size: auto 3em;
    overflow-clip-margin: 1em;
  }
  &[data-grows='true'] > [data-laid] {
    content-visibility: auto;
  }
  p {
    margin: 0.75em 0;
  }
  h3,
  h4,
  h5,
  h6 {
    margin: 1.3em 0 0.5em;
    font-weight: 650;
    line-height: 1.3;
  }
  p[data-depth] {
    font-weight: 650;
  }
  [data-depth='1'] {
    font-size: 1.3rem;
  }
  [data-depth='2'] {
    font-size: 1.15rem;
  }
  [data-depth='3'] {
    font-size: 1.03rem;
  }
  [data-depth='4'],
  [data-depth='5'],
  [data-depth='6'] {
    font-size: 0.9375rem;
  }
  ul,
  ol {
    margin: 0.6em 0;
    padding-left: 1.7em;
  }
  li {
    margin: 0.25em 0;
  }
  li > p {
    margin: 0.5em 0;
  }
  /* Nothing reaches through the edge of a list, whether or not it is a block that can be left out. */
  li:first-child,
  li:first-child > p:first-child {
    margin-top: 0;
  }
  li:last-child,
  li:last-child > :last-child {
    margin-bottom: 0;
  }
  li::marker {
    color: ${c.fg.muted};
  }
  li[data-task] {
    display: flex;
    gap: 0.6em;
    margin-left: -1.5em;
  }
  li[data-task] > div {
    min-width: 0;
  }
`;

export const InlineCode = styled.code`
  padding: 0.12em 0.36em;
  border-radius: ${radius.small};
  background: ${c.bg.bubble};
  font-size: 0.88em;
`;

export const Quote = styled.blockquote`
  margin: 0.9em 0;
  padding: 0.1em 0 0.1em 1em;
  border-left: 3px solid ${c.border.control};
  color: ${c.fg.muted};
`;

export const Rule = styled.hr`
  margin: 1.6em 0;
  border: 0;
  border-top: 1px solid ${c.border.default};
`;

export const Check = styled.span`
  flex: none;
  width: 1.05em;
  height: 1.05em;
  margin-top: 0.28em;
  border: 1.5px solid ${c.border.control};
  border-radius: 4px;
  &[data-done='true'] {
    border-color: ${c.accent.default};
    background: ${c.accent.default};
  }
  &[data-done='true']::after {
    content: '';
    display: block;
    width: 0.28em;
    height: 0.55em;
    margin: 0.06em auto 0;
    border: solid ${c.fg.onAccent};
    border-width: 0 2px 2px 0;
    transform: rotate(45deg);
  }
`;

export const InlinePicture = styled.img`
  display: block;
  max-width: 100%;
  border-radius: ${radius.medium};
`;

export const ImageCard = styled.a`
  display: inline-block;
  padding: 4px 10px;
  border: 1px solid ${c.border.control};
  border-radius: ${radius.medium};
  font-family: ${font.body};
`;

export const Footnotes = styled.section`
  margin-top: 1.6em;
  padding-top: 0.6em;
  border-top: 1px solid ${c.border.default};
  color: ${c.fg.muted};
  font-size: 0.875rem;
`;
