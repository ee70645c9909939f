import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { masterKeyBeside } from '#db/master-key.ts';

test('the master key is made once, agreed on by all who start at once, and readable by its owner alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verne-master-key-'));
  try {
    const keys = await Promise.all(Array.from({ length: 20 }, (_, at) => masterKeyBeside(folder, () => `key ${at}`)));
    expect(new Set(keys).size).toBe(1);
    expect(await masterKeyBeside(folder, () => 'another')).toBe(keys[0]);
    expect(await readdir(folder)).toEqual(['master-key']);
    expect((await stat(join(folder, 'master-key'))).mode & 0o777).toBe(0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
});
