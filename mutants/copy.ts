import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Mutant, migrationOf, mutated } from './mutant.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const LEFT_OUT = new Set(['.git', 'data', 'test-results', '.env']);

const isCopied = (path: string) => {
  const parts = relative(ROOT, path).split(sep);
  return !parts.includes('node_modules') && !LEFT_OUT.has(parts[0] ?? '');
};

/** A copy of the tree to break things in. */
export type Copy = {
  readonly folder: string;
  /** Runs something while the copy is the mutant. */
  as<Result>(mutant: Mutant, run: () => Promise<Result>): Promise<Result>;
  remove(): Promise<void>;
};

export async function copyTree(): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), 'verne-mutants-'));
  await cp(ROOT, folder, { recursive: true, filter: isCopied });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    as: async (mutant, run) => {
      const path = join(folder, mutant.file);
      const migration = migrationOf(mutant);
      const whole = await readFile(path, 'utf8');
      const broken = mutated(whole, mutant);
      await writeFile(path, broken);
      if (migration) await writeFile(join(folder, migration), broken);
      try {
        return await run();
      } finally {
        await writeFile(path, whole);
        if (migration) await rm(join(folder, migration));
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
