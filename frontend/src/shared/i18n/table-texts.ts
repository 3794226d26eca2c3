/** What the page says about tables. */
export const tableText = {
  name: 'Table',
  sortBy: (name: string) => `Sort by ${name}`,
  sorted: (name: string, up: boolean) => `Sorted by ${name}, ${up ? 'ascending' : 'descending'}`,
  unsorted: 'In the original order',
  column: (number: number) => `column ${number}`,
  copy: 'Copy table',
  download: 'Download CSV',
};
