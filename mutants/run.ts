/**
 * `npm run mutants [-- --only <words of a name>] [--copies N]`: makes each mutant of the list in a copy of the tree, one
 * after the other, and runs the test that must kill it. Ends with a code of 1 unless every one was killed.
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
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, copies: { type: 'string' } } });
  const { only = [''] } = values;
  const count = Number(values.copies ?? 2);
  if (!Number.isInteger(count) || count < 1 || count > 8) throw new Error('--copies is a number from 1 to 8');
  const isWanted = ({ name, file }: Mutant) => only.some((words) => `${name} ${file}`.includes(words));
  const mutants = MUTANTS.filter(isWanted);
  if (mutants.length === 0) throw new Error(`No mutant is called "${only.join('" or "')}".`);
  return { mutants, count };
}

/** Every claim that the list names of one test file is run together, broken and unbroken, so that both runs are alike. */
const trialOf = (killer: string) => ({
  files: [killer],
  claims: [...new Set(MUTANTS.filter((mutant) => mutant.killer === killer).map(({ claim }) => claim))],
});

/** What is red in an unbroken copy proves nothing; once may be the machine, so it is asked again. All copies share the work. */
async function proveUnbroken({ provided }: Server, copies: readonly Copy[], mutants: readonly Mutant[]) {
  let red = mutants;
  for (let tries = 0; red.length > 0 && tries < 2; tries += 1) {
    const killers = [...new Set(red.map(({ killer }) => killer))];
    const trials = copies.map(async (copy, at) => {
      const files = killers.filter((_file, nth) => nth % copies.length === at);
      const claims = files.flatMap((file) => trialOf(file).claims);
      return files.length > 0 ? tryClaims(copy, { provided, files, claims }) : [];
    });
    const results = (await Promise.all(trials)).flat();
    const own = ({ killer }: Mutant) => results.filter(({ name }) => name.endsWith(killer));
    red = red.filter((mutant) => verdictOn(mutant, own(mutant)).kind !== 'survived');
  }
  if (red.length === 0) return;
  const named = red.map(({ killer, claim }) => `${killer}: ${claim}`);
  throw new Error(`In an unbroken copy these are not green:\n${named.join('\n')}`);
}

async function judge(server: Server, copy: Copy, mutant: Mutant): Promise<Verdict> {
  const startedAt = performance.now();
  const trial = trialOf(mutant.killer);
  const verdict = await copy
    .as(mutant, () =>
      server.withMutant(mutant, copy.folder, async (provided) =>
        verdictOn(mutant, await tryClaims(copy, { provided, ...trial })),
      ),
    )
    .catch((error: Error): Verdict => ({ kind: 'invalid', why: error.message }));
  const word = verdict.kind === 'killed' ? verdict.kind : verdict.kind.toUpperCase();
  const why = verdict.kind === 'invalid' ? `: ${verdict.why}` : '';
  console.log(`${word.padEnd(WIDTH)} ${secondsSince(startedAt).padStart(7)}  ${mutant.name} | ${mutant.claim}${why}`);
  return verdict;
}

/** Each copy takes the next mutant that is left. */
async function judgeAll(server: Server, copies: readonly Copy[], mutants: readonly Mutant[]): Promise<Verdict[]> {
  const left = [...mutants];
  const verdicts: Verdict[] = [];
  const work = async (copy: Copy) => {
    for (let next = left.shift(); next; next = left.shift()) verdicts.push(await judge(server, copy, next));
  };
  // Its trial is told as well, and ends; what was made for all of them is taken away at the end, as ever.
  process.once('SIGINT', () => left.splice(0));
  await Promise.all(copies.map(work));
  return verdicts;
}

const { mutants, count } = readWish();
const startedAt = performance.now();
const [server, ...copies] = await Promise.all([startServer(), ...Array.from({ length: count }, copyTree)]);
try {
  await proveUnbroken(server, copies, mutants);
  console.log(`Unbroken, all ${new Set(mutants.map(({ killer }) => killer)).size} test files are green.\n`);
  const verdicts = await judgeAll(server, copies, mutants);
  const killed = verdicts.filter(({ kind }) => kind === 'killed').length;
  console.log(`\n${killed} of ${mutants.length} mutants killed in ${secondsSince(startedAt)}`);
  process.exitCode = killed === mutants.length ? 0 : 1;
} finally {
  await Promise.all([server.stop(), ...copies.map((copy) => copy.remove())]);
}
