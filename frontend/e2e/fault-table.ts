import { readFileSync } from 'node:fs';

/** A row of the tables in docs/errors.md that say what people see when an endpoint fails in a given way. */
export interface Fault {
  /** Of the emulator; the endpoint is `emu-` and this. */
  name: string;
  code: string;
  /** How much of the answer stands: none, part or all. */
  kept: string;
  status: string;
  /** What stands below the answer. */
  sentence: string;
  /** Names of the buttons beside it. */
  offered: string[];
}

const none = '–';

function cells(row: string): string[] {
  return row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

function words(cell: string): string {
  return cell === none ? '' : cell.replaceAll('`', '');
}

function fault(row: string): Fault {
  const [name = '', , code = '', kept = '', status = '', sentence = '', offered = ''] = cells(row);
  return {
    name: words(name),
    code: words(code),
    kept,
    status,
    sentence: words(sentence),
    offered: words(offered)
      .split(', ')
      .filter((button) => button !== ''),
  };
}

/** The rows below a heading of docs/errors.md. */
export function faultsBelow(heading: string): Fault[] {
  const page = readFileSync('../docs/errors.md', 'utf8');
  const section = page.split(`### ${heading}\n`)[1]?.split(/^#/m)[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map(fault);
}
