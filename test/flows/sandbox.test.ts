import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { emptyFolder } from '../support/sandbox-data.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'src/sandbox/main.ts');

type Run = { readonly child: ChildProcess; readonly said: () => string };

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** In a temporary folder of its own, so that what is left behind is seen. */
async function temporary() {
  const { folder, remove } = await emptyFolder();
  endings.push(async () => {
    for (const { pid, line } of await listProcesses(folder)) if (line.includes('sandbox/main.ts')) process.kill(pid);
    await poll(() => processesIn(folder)).toEqual([]);
    await remove();
  });
  return folder;
}

function run(command: string, args: readonly string[], tmp: string): Run {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: tmp },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (said += text));
  endings.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  });
  return { child, said: () => said };
}

const sandbox = (tmp: string, ...args: string[]) => run(process.execPath, [MAIN, '--speed', '40', ...args], tmp);
const exit = async ({ child }: Run) => child.exitCode ?? (await once(child, 'exit'))[0];
const poll = <Value>(read: () => Value | Promise<Value>, timeout = 30_000) =>
  expect.poll(read, { timeout, interval: 50 });
const STACK = /\n\s+at /;
const ADDRESS = /^Verne sandbox: (http:\/\/127\.0\.0\.1:\d+)$/gm;
const addressIn = (said: string) => [...said.matchAll(ADDRESS)].map((found) => found[1] ?? '');

async function ready(running: Run): Promise<string> {
  await expect.poll(running.said, { timeout: 50_000 }).toMatch(ADDRESS);
  return addressIn(running.said())[0] ?? '';
}

type Process = { readonly pid: number; readonly parent: number; readonly line: string; readonly env: string };

async function processOf(pid: number): Promise<Process[]> {
  try {
    const [stat, line, env] = await Promise.all(
      ['stat', 'cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
    );
    const [state = '', parent = ''] = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? [] : [{ pid, parent: Number(parent), line: line ?? '', env: env ?? '' }];
  } catch {
    return [];
  }
}

/** Whoever works in this temporary folder: the sandbox, its bot, Postgres and its workers, a shell of npm's. */
async function listProcesses(tmp: string): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(processOf))).flat();
  const own = new Set(all.filter(({ line, env }) => line.includes(tmp) || env.includes(tmp)).map(({ pid }) => pid));
  for (let size = -1; size !== own.size; ) {
    size = own.size;
    for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
  }
  return all.filter(({ pid }) => own.has(pid));
}

const processesIn = async (tmp: string) =>
  (await listProcesses(tmp)).map(({ line }) => line.replaceAll('\0', ' ').trim());

const leftIn = async (tmp: string) => (await readdir(tmp)).filter((name) => name.startsWith('verne'));

/** npm hands its signals to a shell, which need not hand them on: so the script must be such that they arrive. */
test.for(['SIGINT', 'SIGTERM'] as const)(
  'started by npm, its page answers, and on %s it ends cleanly and leaves nothing',
  { timeout: 60_000 },
  async (signal) => {
    const tmp = await temporary();
    const running = run('npm', ['run', 'sandbox', '--', '--speed', '40'], tmp);
    const address = await ready(running);
    expect(await (await fetch(address)).text()).toContain('<title>Verne sandbox</title>');
    const living = (await processesIn(tmp)).join('\n');
    expect(living).toContain('native/bin/postgres');
    expect(living).toContain('src/main.ts');
    running.child.kill(signal);
    await poll(() => processesIn(tmp)).toEqual([]);
    expect(await leftIn(tmp)).toEqual([]);
    expect(addressIn(running.said())).toEqual([address]);
  },
);

test('a folder that is named keeps what was in it, and what the sandbox knew', { timeout: 60_000 }, async () => {
  const tmp = await temporary();
  const data = join(tmp, 'mine');
  await mkdir(data);
  await writeFile(join(data, 'notes.txt'), 'do not touch');
  for (const [at, signal] of (['SIGTERM', 'SIGINT'] as const).entries()) {
    const running = sandbox(tmp, '--data', data);
    const address = await ready(running);
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ as: 'requester', name: 'jules', options: { prompt: 'Stay' } });
    const answer = await fetch(`${address}/sandbox/command`, { method: 'POST', headers, body });
    expect(await answer.text()).toContain(`Task #${at + 1} recorded`);
    running.child.kill(signal);
    expect(await exit(running)).toBe(0);
    expect(await processesIn(tmp)).toEqual([]);
    expect(await leftIn(tmp)).toEqual([]);
    expect(await readFile(join(data, 'notes.txt'), 'utf8')).toBe('do not touch');
    expect(addressIn(running.said())).toEqual([address]);
  }
});

test('what it is not to be started with is refused in a sentence, with its usage', async () => {
  const tmp = await temporary();
  const wrong = [['--port', 'http'], ['--port', '70000'], ['--speed', '0'], ['--colour', 'red'], ['somewhere']];
  const runs = wrong.map((args) => ({ args, running: run(process.execPath, [MAIN, ...args], tmp) }));
  for (const { args, running } of runs) {
    expect(await exit(running)).toBe(2);
    expect(running.said()).toContain(args[0] ?? '');
    expect(running.said()).toContain('Usage: npm run sandbox');
    expect(running.said()).not.toMatch(STACK);
  }
  expect(await leftIn(tmp)).toEqual([]);
});

test('a port that is taken is told in a sentence, and nothing stays behind', { timeout: 60_000 }, async () => {
  const taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  endings.push(() => new Promise((resolve) => taken.close(resolve)));
  const address = taken.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const tmp = await temporary();
  const running = sandbox(tmp, '--port', String(port));
  expect(await exit(running)).toBe(1);
  expect(running.said()).toMatch(new RegExp(`\\b${port}\\b`));
  expect(running.said()).not.toMatch(STACK);
  await poll(() => processesIn(tmp)).toEqual([]);
  expect(await leftIn(tmp)).toEqual([]);
});
