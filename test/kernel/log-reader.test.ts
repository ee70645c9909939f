import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CHILD = fileURLToPath(new URL('../support/log-child.ts', import.meta.url));

test('a process whose log nobody reads any more goes on, and ends when it is told to', async () => {
  const child = spawn(process.execPath, [CHILD], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    await once(child.stderr, 'data');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await new Promise((resume) => setTimeout(resume, 300));
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(5000) });
    expect(code).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
});

test('one that is told to end while nobody reads its full log ends all the same', async () => {
  const child = spawn(process.execPath, [CHILD], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    await once(child.stderr, 'data');
    await new Promise((resume) => setTimeout(resume, 300));
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(5000) });
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});
