import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isReachable, ownDirectory } from '#db/binaries.ts';
import { preparePlace } from '#db/place.ts';
import { makeLog } from '#kernel/log.ts';

const stranger = { uid: 64_321, gid: 64_321, name: 'stranger' };
let folder: string;
let lines: string[];
const log = makeLog({ level: 'info', secrets: [], destination: { write: (line: string) => void lines.push(line) } });

beforeEach(async () => {
  lines = [];
  folder = await mkdtemp(join(tmpdir(), 'verne-test-'));
  await chmod(folder, 0o711);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const prepare = (dataDir: string) =>
  preparePlace({ dataDir, throwaway: false, runAs: stranger, standIns: [join(folder, 'missing'), folder] }, log);

test('a data folder under a private one gives way to a reachable one, always the same, and the log says so', async () => {
  const wanted = join(folder, 'private', 'data');
  await mkdir(dirname(wanted), { mode: 0o700 });
  const place = await prepare(wanted);
  expect(dirname(place.dataDir)).toBe(folder);
  expect(await isReachable(place.home, stranger)).toBe(true);
  expect(lines.join()).toContain(place.dataDir);
  expect((await prepare(wanted)).dataDir).toBe(place.dataDir);
  expect((await prepare(join(folder, 'private', 'other'))).dataDir).not.toBe(place.dataDir);
});

test('a reachable data folder is used as it is, whatever has to be made on the way', async () => {
  const wanted = join(folder, 'new', 'newer', 'data');
  const place = await prepare(wanted);
  expect(place.dataDir).toBe(wanted);
  expect(await isReachable(place.home, stranger)).toBe(true);
  expect(lines).toEqual([]);
});

test('the stranger may pass through our folder but not list it', async () => {
  const place = await prepare(join(folder, 'data'));
  expect((await stat(place.home)).mode & 0o777).toBe(0o711);
});

test('a stand-in that others may write is not trusted', async () => {
  const shared = join(folder, 'shared');
  await mkdir(shared);
  await chmod(shared, 0o777);
  await expect(ownDirectory(shared)).rejects.toThrow(/writable by others/);
});
