/** Verne with one thing broken, and the test that must see it by what the code does. */
export type Mutant = {
  /** What is wrong now, in a sentence. */
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly by: string;
  /** The test file, and the title in it that must turn red. */
  readonly killer: string;
  readonly claim: string;
};

/** Throws where the text is not there exactly once: a mutant that is like the original would be killed by nothing. */
export function mutated(whole: string, { name, file, text, by }: Mutant): string {
  const found = whole.split(text).length - 1;
  if (found !== 1) throw new Error(`"${name}": its text stands ${found} times in ${file}, not once.`);
  return whole.replace(text, () => by);
}

const SCHEMA = /^supabase\/schemas\//;

/** Functions are applied from migrations: behind all others, the last word on a function is the broken one. */
export const migrationOf = ({ file }: Mutant) =>
  SCHEMA.test(file) ? 'supabase/migrations/99999999999999_mutant.sql' : undefined;

/** The regular expression of a title's full name; what is filled in where a test runs for each of several is anything. */
export function patternOf(claim: string): string {
  const escaped = claim.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return `(?:^| )${escaped.replaceAll(/%[a-z]|\\\$\w+/g, '.*')}$`;
}

/** The mutants that one test file must kill. */
export const killedBy = (killer: string, mutants: readonly Omit<Mutant, 'killer'>[]): readonly Mutant[] =>
  mutants.map((mutant) => ({ ...mutant, killer }));
