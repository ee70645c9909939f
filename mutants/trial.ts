import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Copy } from './copy.ts';
import { type Mutant, patternOf } from './mutant.ts';
import type { Provided } from './server.ts';

const VITEST = 'node_modules/vitest/vitest.mjs';
const CONFIG = 'mutants/vitest.config.ts';
const LONGEST_MS = 5 * 60_000;

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});
type FileResult = z.output<typeof report>['testResults'][number];

export type Trial = {
  readonly provided: Provided;
  readonly files: readonly string[];
  readonly claims: readonly string[];
};

/** Runs these claims of these test files in the copy, as it is now. */
export async function tryClaims({ folder }: Copy, { provided, files, claims }: Trial): Promise<readonly FileResult[]> {
  const output = join(folder, 'mutants-report.json');
  const pattern = claims.map(patternOf).join('|');
  const words = [
    VITEST,
    'run',
    ...files,
    '--config',
    CONFIG,
    '-t',
    pattern,
    '--reporter=json',
    `--outputFile=${output}`,
  ];
  const told = await new Promise<string>((resolve) => {
    const env = { ...process.env, VERNE_MUTANT_PROVIDED: JSON.stringify(provided) };
    const options = { cwd: folder, env, timeout: LONGEST_MS, maxBuffer: 2 ** 26 };
    execFile(process.execPath, words, options, (_error, out, err) => resolve(`${out}${err}`));
  });
  try {
    return report.parse(JSON.parse(await readFile(output, 'utf8'))).testResults;
  } catch (cause) {
    throw new Error(`The tests did not come to an end: ${told.slice(-2000)}`, { cause });
  } finally {
    await rm(output, { force: true });
  }
}

export type Verdict =
  | { readonly kind: 'killed' }
  | { readonly kind: 'survived' }
  /** It broke something, but not what the claim says: it crashed, or no such test was run. */
  | { readonly kind: 'invalid'; readonly why: string };

const RUN = new Set(['passed', 'failed']);
/** The head of an assertion's stack; where it was polled or waited for, vitest writes another one. */
const ASSERTION = /^(?:AssertionError|Error: (?:expected|promise (?:rejected|resolved)) )/;
const firstLine = (text: string) => text.split('\n')[0] ?? '';

/** By behaviour alone: what fails to load, or throws instead of answering wrongly, proves nothing about the claim. */
export function verdictOn({ claim }: Mutant, results: readonly FileResult[]): Verdict {
  const title = new RegExp(patternOf(claim));
  const tests = results.flatMap((file) => file.assertionResults).filter(({ fullName }) => title.test(fullName));
  const run = tests.filter(({ status }) => RUN.has(status));
  const reasons = run.flatMap(({ failureMessages }) => failureMessages);
  if (reasons.some((reason) => ASSERTION.test(reason))) return { kind: 'killed' };
  const [thrown] = [...reasons, ...results.map(({ message }) => message)].filter((words) => words !== '');
  if (thrown !== undefined) return { kind: 'invalid', why: firstLine(thrown) };
  return run.length > 0 ? { kind: 'survived' } : { kind: 'invalid', why: 'no such test was run' };
}
