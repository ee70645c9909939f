import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Only the owner may read it: whoever has it and the database has every Jules key. */
const MODE = 0o600;

/**
 * The master key of an embedded database, made once and kept beside it. `make` gives a new one. Two processes that
 * start at once agree: the whole file appears under its name for one of them, the other finds it there.
 */
export async function masterKeyBeside(dataDir: string, make: () => string): Promise<string> {
  const path = join(dataDir, 'master-key');
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, make(), { mode: MODE, flag: 'wx' });
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}
