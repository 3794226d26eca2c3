import { createGlobalStyle } from 'styled-components';

import { c, darkDeclarations, font, lightDeclarations } from './theme';

export const GlobalStyle = createGlobalStyle`
  :root { color-scheme: light; ${lightDeclarations} }
  @media (prefers-color-scheme: dark) {
    :root:not([data-theme='light']) { color-scheme: dark; ${darkDeclarations} }
  }
  :root[data-theme='dark'] { color-scheme: dark; ${darkDeclarations} }

  *, *::before, *::after { box-sizing: border-box; }
  html { height: 100%; -webkit-text-size-adjust: 100%; }
  :root[data-text='small'] { font-size: 90%; }
  :root[data-text='large'] { font-size: 112.5%; }
  :root[data-text='larger'] { font-size: 130%; }
  body {
    margin: 0;
    height: 100%;
    overflow: hidden;
    background: ${c.bg.canvas};
    color: ${c.fg.default};
    font: 400 0.9375rem/1.6 ${font.body};
    -webkit-font-smoothing: antialiased;
    scrollbar-color: ${c.border.control} transparent;
    scrollbar-width: thin;
  }
  #root { height: 100%; }
  h1, h2, h3, h4, h5, h6, p, ul, ol { margin: 0; }
  button, input, textarea { font: inherit; color: inherit; }
  button { cursor: pointer; }
  button:disabled { cursor: default; }
  a { color: ${c.fg.link}; text-underline-offset: 0.15em; }
  code, pre, kbd { font-family: ${font.code}; }
  :focus-visible { outline: 2px solid ${c.focus}; outline-offset: 2px; }
  h1:focus-visible { outline: none; }
  ::selection { background: ${c.accent.default}; color: ${c.fg.onAccent}; }
  svg { flex: none; }

  .hljs-keyword, .hljs-selector-tag, .hljs-literal, .hljs-section, .hljs-doctag { color: ${c.syntax.keyword}; }
  .hljs-string, .hljs-regexp, .hljs-quote, .hljs-template-variable { color: ${c.syntax.string}; }
  .hljs-number, .hljs-symbol, .hljs-bullet, .hljs-meta { color: ${c.syntax.number}; }
  .hljs-comment { color: ${c.syntax.comment}; font-style: italic; }
  .hljs-title, .hljs-name, .hljs-selector-id, .hljs-selector-class { color: ${c.syntax.title}; }
  .hljs-type, .hljs-built_in, .hljs-attr, .hljs-attribute, .hljs-variable, .hljs-params .hljs-built_in { color: ${c.syntax.type}; }
  .hljs-addition { color: ${c.syntax.addition}; }
  .hljs-deletion { color: ${c.syntax.deletion}; }
  .hljs-emphasis { font-style: italic; }
  .hljs-strong { font-weight: 700; }

  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  }
`;
