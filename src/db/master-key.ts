import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Only the owner may read it: whoever has it and the database has every Jules key. */
const MODE = 0o600;

/**
 * The master key of an embedded database, made once and kept beside it. `make` gives a new one. Two processes that start
 * at once agree, because only one can create the file.
 */
export async function masterKeyBeside(dataDir: string, make: () => string): Promise<string> {
  const path = join(dataDir, 'master-key');
  try {
    await writeFile(path, make(), { mode: MODE, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(path, 'utf8')).trim();
}
