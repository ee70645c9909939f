import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/events.ts', import.meta.url));

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'verne-test-'));
  await chmod(dataDir, 0o711);
});
afterAll(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));

const run = (args: string[], env: Record<string, string> = {}) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', VERNE_DATA_DIR: dataDir, ...env } };
    execFile(process.execPath, [SCRIPT, ...args], options, (error, out, err) =>
      resolve({ code: error ? error.code : 0, out, err }),
    );
  });

test('the operator’s script answers from the database that the bot uses, as JSON alone where it is asked to', async () => {
  const { code, out, err } = await run(['stats', '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toContainEqual(
    expect.objectContaining({ subscriber: 'events.prune', mode: 'latest', due: 0 }),
  );
});

test.each([[['frobnicate']], [['list', '--frobnicate']], [[]]])(
  'what cannot be understood (%j) is answered with the usage',
  async (args) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('npm run events -- <command>');
  },
);

test('a configuration that is not usable is said by name', async () => {
  const { code, err } = await run(['stats'], { VERNE_SLOTS: 'many' });
  expect(code).toBe(3);
  expect(err).toMatch(/^The configuration is not usable:\n {2}VERNE_SLOTS/);
});
