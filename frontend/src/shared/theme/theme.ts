import { createTheme } from 'styled-components';

import { dark, light, type Colours } from './tokens';

const contract = createTheme(light, { prefix: 'c' });

/** Every leaf is a reference to a CSS variable, so that styles stay static in both themes. */
export const c = contract;

type Tree = { readonly [name: string]: string | Tree };

function declarations(names: Tree, values: Tree): string {
  return Object.entries(values)
    .map(([key, value]) => {
      const name = names[key];
      if (typeof value === 'string') return typeof name === 'string' ? `${name}:${value};` : '';
      return typeof name === 'object' ? declarations(name, value) : '';
    })
    .join('');
}

function declare(colours: Colours): string {
  return declarations(contract.vars, colours);
}

export const lightDeclarations = declare(light);
export const darkDeclarations = declare(dark);

export const font = {
  body: "'Figtree Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  code: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace",
} as const;

export const radius = { small: '6px', medium: '10px', large: '16px', full: '999px' } as const;

/** Below this width the list of chats is a drawer. */
export const wide = '(min-width: 900px)';
export const columnWidth = '46rem';
