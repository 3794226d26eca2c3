/** The colours of the light theme; the dark one must have exactly the same members. */
export const light = {
  bg: {
    canvas: '#ffffff',
    sidebar: '#f5f7f8',
    raised: '#ffffff',
    bubble: '#edf1f3',
    hover: '#e4eaed',
    selected: '#dbe8ed',
    code: '#f5f7f8',
    codeBar: '#e9eef0',
    notice: '#fbf1d9',
    danger: '#fdeceb',
    mark: '#ffe9a8',
    found: '#fff8e2',
    toast: '#1d272e',
    toastHover: '#33414a',
    scrim: 'rgba(12, 20, 26, 0.45)',
  },
  fg: {
    default: '#11181d',
    muted: '#53626d',
    link: '#155d77',
    danger: '#a3211b',
    notice: '#5b4200',
    onAccent: '#ffffff',
    onDanger: '#ffffff',
    placeholder: '#66747e',
    toast: '#f1f5f7',
    toastAction: '#8fd3ec',
  },
  border: { default: '#cfd8dd', subtle: '#e3e9ec', control: '#7d8c96' },
  accent: { default: '#1c6883', hover: '#14536a' },
  focus: '#1c6883',
  syntax: {
    keyword: '#7a2f86',
    string: '#22662c',
    number: '#8a4500',
    comment: '#5c6a74',
    title: '#1f4fa3',
    type: '#0c656b',
    addition: '#22662c',
    deletion: '#a3211b',
  },
  halo: 'rgba(28, 104, 131, 0.16)',
  shadow: {
    low: '0 1px 3px rgba(12, 20, 26, 0.07)',
    raised: '0 1px 2px rgba(12, 20, 26, 0.06), 0 6px 24px rgba(12, 20, 26, 0.1)',
  },
};

export type Colours = typeof light;

export const dark: Colours = {
  bg: {
    canvas: '#14191d',
    sidebar: '#0f1417',
    raised: '#1c2328',
    bubble: '#232c32',
    hover: '#27313a',
    selected: '#22363f',
    code: '#1a2126',
    codeBar: '#222b31',
    notice: '#33290f',
    danger: '#3b1d1b',
    mark: '#5c4a12',
    found: '#2b2718',
    toast: '#e7edf0',
    toastHover: '#cfd9de',
    scrim: 'rgba(0, 0, 0, 0.6)',
  },
  fg: {
    default: '#e5ebee',
    muted: '#a1afb9',
    link: '#83c9e1',
    danger: '#ffb0a8',
    notice: '#f2d796',
    onAccent: '#07212b',
    onDanger: '#2b0f0d',
    placeholder: '#93a1ab',
    toast: '#11181d',
    toastAction: '#0f4f66',
  },
  border: { default: '#37424a', subtle: '#28323a', control: '#798994' },
  accent: { default: '#72bdd7', hover: '#93d1e6' },
  focus: '#83c9e1',
  syntax: {
    keyword: '#dba5e6',
    string: '#96d39f',
    number: '#f0b27a',
    comment: '#99a7b1',
    title: '#9dbcf5',
    type: '#7fd0d5',
    addition: '#96d39f',
    deletion: '#ffb0a8',
  },
  halo: 'rgba(114, 189, 215, 0.2)',
  shadow: {
    low: '0 1px 3px rgba(0, 0, 0, 0.35)',
    raised: '0 1px 2px rgba(0, 0, 0, 0.4), 0 6px 24px rgba(0, 0, 0, 0.45)',
  },
};

/** Text and border colours with the grounds that they stand on, and the contrast each pair needs. */
export function contrastPairs(c: Colours): { name: string; front: string; back: string; least: number }[] {
  const pairs: { name: string; front: string; back: string; least: number }[] = [];
  const add = (name: string, front: string, back: string, least: number) => {
    pairs.push({ name, front, back, least });
  };
  const grounds = ['canvas', 'sidebar', 'raised', 'bubble', 'hover', 'selected', 'code', 'codeBar', 'found'] as const;
  for (const ground of grounds) {
    add(`fg.default on ${ground}`, c.fg.default, c.bg[ground], 7);
    add(`fg.muted on ${ground}`, c.fg.muted, c.bg[ground], 4.5);
    add(`fg.link on ${ground}`, c.fg.link, c.bg[ground], 4.5);
  }
  for (const ground of ['canvas', 'raised', 'hover', 'danger'] as const) {
    add(`fg.danger on ${ground}`, c.fg.danger, c.bg[ground], 4.5);
  }
  add('fg.default on mark', c.fg.default, c.bg.mark, 7);
  for (const ground of ['toast', 'toastHover'] as const) {
    add(`fg.toast on ${ground}`, c.fg.toast, c.bg[ground], 7);
    add(`fg.toastAction on ${ground}`, c.fg.toastAction, c.bg[ground], 4.5);
  }
  add('fg.notice on notice', c.fg.notice, c.bg.notice, 4.5);
  add('fg.default on danger', c.fg.default, c.bg.danger, 7);
  add('fg.onAccent on accent', c.fg.onAccent, c.accent.default, 4.5);
  add('fg.onAccent on accent.hover', c.fg.onAccent, c.accent.hover, 4.5);
  add('fg.onDanger on danger', c.fg.onDanger, c.fg.danger, 4.5);
  add('fg.placeholder on raised', c.fg.placeholder, c.bg.raised, 4.5);
  for (const ground of ['canvas', 'raised', 'sidebar'] as const) {
    add(`border.control on ${ground}`, c.border.control, c.bg[ground], 3);
    add(`focus on ${ground}`, c.focus, c.bg[ground], 3);
    add(`accent on ${ground}`, c.accent.default, c.bg[ground], 3);
  }
  for (const [name, colour] of Object.entries(c.syntax)) {
    add(`syntax.${name} on code`, colour, c.bg.code, 4.5);
  }
  return pairs;
}
