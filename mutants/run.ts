/**
 * `npm run mutants [-- --only <words of a name>] [--lanes N]`: puts each fault of the list into a copy of the tree, one
 * after the other, and runs the test that must see it. Ends with a code of 1 unless every one was seen.
 */
import { parseArgs } from 'node:util';
import { type Copy, copyTree } from './copy.ts';
import { MUTANTS } from './list.ts';
import type { Mutant } from './mutant.ts';
import { type Server, startServer } from './server.ts';
import { tryClaims, type Verdict, verdictOn } from './trial.ts';

const WIDTH = 9;
const secondsSince = (startedAt: number) => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

function readWish() {
  const { values } = parseArgs({ options: { only: { type: 'string' }, lanes: { type: 'string' } } });
  const words = (values.only ?? '').toLowerCase();
  const lanes = Number(values.lanes ?? 2);
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 8) throw new Error('--lanes is a number from 1 to 8');
  const mutants = MUTANTS.filter(({ name, file }) => `${name} ${file}`.toLowerCase().includes(words));
  if (mutants.length === 0) throw new Error(`No fault is called "${values.only}".`);
  return { mutants, lanes };
}

/** Every claim that the list names of one test file is run together, with a fault and without, so that both runs are alike. */
const trialOf = (killer: string) => ({
  files: [killer],
  claims: [...new Set(MUTANTS.filter((mutant) => mutant.killer === killer).map(({ claim }) => claim))],
});

async function proveUnbroken({ provided }: Server, copy: Copy, mutants: readonly Mutant[]) {
  const files = [...new Set(mutants.map(({ killer }) => killer))];
  const claims = [...new Set(mutants.map(({ claim }) => claim))];
  const results = await tryClaims(copy, { provided, files, claims });
  const red = results.filter(({ status }) => status !== 'passed').map(({ name }) => name);
  const unknown = mutants.filter((mutant) => {
    const own = results.filter(({ name }) => name.endsWith(mutant.killer));
    return verdictOn(mutant, own).kind !== 'survived';
  });
  if (red.length + unknown.length === 0) return;
  const named = [...red, ...unknown.map(({ killer, claim }) => `${killer}: ${claim}`)];
  throw new Error(`Without any fault these are not green:\n${named.join('\n')}`);
}

async function judge(server: Server, copy: Copy, mutant: Mutant): Promise<Verdict> {
  const startedAt = performance.now();
  const trial = trialOf(mutant.killer);
  const verdict = await copy
    .broken(mutant, () =>
      server.withFault(mutant, copy.folder, async (provided) =>
        verdictOn(mutant, await tryClaims(copy, { provided, ...trial })),
      ),
    )
    .catch((error: Error): Verdict => ({ kind: 'invalid', why: error.message }));
  const word = verdict.kind === 'killed' ? verdict.kind : verdict.kind.toUpperCase();
  const why = verdict.kind === 'invalid' ? `: ${verdict.why}` : '';
  console.log(`${word.padEnd(WIDTH)} ${secondsSince(startedAt).padStart(7)}  ${mutant.name} | ${mutant.claim}${why}`);
  return verdict;
}

/** Each lane takes the next fault that is left, in a copy of its own. */
async function judgeAll(server: Server, copies: readonly Copy[], mutants: readonly Mutant[]): Promise<Verdict[]> {
  const left = [...mutants];
  const verdicts: Verdict[] = [];
  const lane = async (copy: Copy) => {
    for (let next = left.shift(); next; next = left.shift()) verdicts.push(await judge(server, copy, next));
  };
  await Promise.all(copies.map(lane));
  return verdicts;
}

const { mutants, lanes } = readWish();
const startedAt = performance.now();
const [server, ...copies] = await Promise.all([startServer(), ...Array.from({ length: lanes }, copyTree)]);
try {
  const [first] = copies;
  if (first) await proveUnbroken(server, first, mutants);
  console.log(`Without a fault all ${new Set(mutants.map(({ killer }) => killer)).size} test files are green.\n`);
  const verdicts = await judgeAll(server, copies, mutants);
  const killed = verdicts.filter(({ kind }) => kind === 'killed').length;
  console.log(`\n${killed} of ${mutants.length} mutants killed in ${secondsSince(startedAt)}`);
  process.exitCode = killed === mutants.length ? 0 : 1;
} finally {
  await Promise.all([server.stop(), ...copies.map((copy) => copy.remove())]);
}
