/** The page `docs/reliability.md`: the catalogue, and the figures that the full tests last wrote down. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { tableOf } from '../../scripts/markdown-table.ts';
import { type RowId, rows } from './catalogue.ts';

/** What one test said of one row. */
export type Told = { readonly row: RowId; readonly file: string; readonly figure: string };
type Figure = { readonly figure: string; readonly on: string; readonly machine: string; readonly node: string };
/** By row, then by the test file that measured it. */
export type Figures = Readonly<Record<string, Readonly<Record<string, Figure>>>>;

const FIGURES = new URL('../full/figures.json', import.meta.url);
const PAGE = new URL('../../docs/reliability.md', import.meta.url);

const HEAD = `# Reliability

What is promised under attack, and what was last measured. \`npm test\` holds each row in short form; \`npm run test:full\`
holds it with all its numbers, takes long, and writes this page. A row that a run leaves out keeps its older figure.
A figure is of the machine that is named, which ran the attacker, the bot and the database at once. Memory is resident
memory as the kernel counts it, with no garbage collection forced.
`;

export const readFigures = (): Figures => JSON.parse(readFileSync(FIGURES, 'utf8')) as Figures;

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`;
}

/** What a file says of a row replaces what the same file said of it before. */
export function withFigures(before: Figures, told: readonly Told[], now: Date): Figures {
  const facts = { on: now.toISOString().slice(0, 10), machine: machine(), node: process.versions.node };
  const after: Record<string, Record<string, Figure>> = structuredClone(before);
  for (const [key, same] of Map.groupBy(told, ({ row, file }) => `${row} ${file}`)) {
    const [row = '', file = ''] = key.split(' ');
    after[row] = { ...after[row], [file]: { figure: same.map(({ figure }) => figure).join('; '), ...facts } };
  }
  const sorted = Object.entries(after).sort(([one], [other]) => one.localeCompare(other));
  return Object.fromEntries(sorted);
}

const code = (path: string | undefined) => (path ? `\`${path}\`` : 'not yet');

export function reliabilityPage(figures: Figures): string {
  const body = rows.map(([id, { claim, short, full }]) => {
    const known = Object.values(figures[id] ?? {});
    const when = new Set(known.map(({ on, machine, node }) => `${on}, ${machine}, Node ${node}`));
    return [id, claim, code(short), code(full), known.map(({ figure }) => figure).join('; '), [...when].join('; ')];
  });
  const headings = ['Row', 'What holds', 'Short', 'Full', 'Figure of the last full run', 'When and where'];
  return `${HEAD}\n${tableOf(headings, body)}\n`;
}

/** Keeps what was told and writes the page. A file is replaced whole: another run may read it at that moment. */
export function keepFigures(told: readonly Told[]): void {
  const figures = withFigures(readFigures(), told, new Date());
  const replace = (target: URL, text: string) => {
    const draft = new URL(`${target.href}.${process.pid}`);
    writeFileSync(draft, text);
    renameSync(draft, target);
  };
  replace(FIGURES, `${JSON.stringify(figures, null, 2)}\n`);
  replace(PAGE, reliabilityPage(figures));
}
