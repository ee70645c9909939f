import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from './database.ts';

/** Runs one of `scripts/` as an operator does, on this database. */
export function runScript({ workerUrl }: Pick<TestDatabase, 'workerUrl'>, name: string, args: readonly string[]) {
  const script = fileURLToPath(new URL(`../../scripts/${name}.ts`, import.meta.url));
  const master = `1:${Buffer.alloc(32, 1).toString('base64')}`;
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: workerUrl, VERNE_MASTER_KEYS: master };
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], { env, maxBuffer: 2 ** 26 }, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    );
  });
}
