/** Texts of pictures from elsewhere. */
export const pictureText = {
  from: (host: string) => `Picture from ${host}`,
  tells: (host: string) => `If you show it, ${host} learns your internet address.`,
  openOnly: 'It comes unprotected, so it is not shown here.',
  show: 'Show picture',
  hide: 'Hide picture',
  open: 'Open in a new tab',
  loading: 'Loading…',
  failed: (host: string) => `${host} sent no picture.`,
};
