import { afterAll, expect, test } from 'vitest';
import { Clock } from '#sandbox/jules/clock.ts';
import { startJules } from '#sandbox/jules/server.ts';
import { NEW, simulate, until } from './support.ts';

const jules = simulate();
const live = new Clock({ speed: 100 });
afterAll(() => live.close());

test('a virtual clock stands still until it is advanced, and then all happens in order, each at its own instant', () => {
  const clock = new Clock({ virtual: true });
  const from = clock.nowMs();
  const seen: [string, number][] = [];
  const note = (what: string) => () => seen.push([what, clock.nowMs() - from]);
  clock.later(30, note('third'));
  clock.later(10, () => {
    note('first')();
    clock.later(10, note('second'));
  });
  clock.later(1000, note('never'));
  const cancel = clock.later(25, note('cancelled'));
  cancel();
  clock.advance(9);
  expect(seen).toEqual([]);
  clock.advance(91);
  expect(seen).toEqual([
    ['first', 10],
    ['second', 20],
    ['third', 30],
  ]);
  expect(clock.nowMs() - from).toBe(100);
  clock.close();
  expect(clock.step()).toBe(false);
});

test('speed divides what stories take, not what is weighed against the timeouts of a client', () => {
  const clock = new Clock({ virtual: true, speed: 100 });
  const seen: string[] = [];
  clock.later(10_000, () => seen.push('story'));
  clock.laterReal(101, () => seen.push('real'));
  clock.advance(100);
  expect(seen).toEqual(['story']);
  clock.advance(1);
  expect(seen).toEqual(['story', 'real']);
});

test("a running clock goes with the machine's, and is ahead of it once it was advanced", async () => {
  expect(Math.abs(live.nowMs() - Date.now())).toBeLessThan(500);
  let done = false;
  live.later(1000, () => {
    done = true;
  });
  await until(() => done, 'it goes by itself');
  let late = false;
  live.laterReal(3_600_000, () => {
    late = true;
  });
  live.advance(3_600_000);
  expect(late).toBe(true);
  expect(Math.abs(live.nowMs() - Date.now() - 3_600_000)).toBeLessThan(500);
});

test('microseconds never come twice, however often they are asked for', () => {
  const clock = new Clock({ virtual: true });
  const asked = Array.from({ length: 2000 }, () => clock.micros());
  expect(new Set(asked).size).toBe(2000);
  expect(asked).toEqual(asked.toSorted((one, other) => one - other));
});

test('nothing happens in a session while the clock stands', async () => {
  const name = await jules.create();
  const before = await jules.call('GET', `/${name}`);
  expect(await jules.call('GET', `/${name}`)).toMatchObject({ json: before.json });
  expect(before.json).toMatchObject({ state: 'QUEUED', createTime: expect.stringMatching(/^2026-11-20T/) });
  jules.control.script({ advanceMs: 1500 });
  expect(jules.session(name).state).toBe('PLANNING');
});

test('at speed the same story is over as much sooner', async () => {
  const fast = await startJules({ speed: 20, virtual: true });
  fast.control.addAccount({ key: 'k', label: 'l', sources: [] });
  const headers = { 'x-goog-api-key': 'k' };
  await fetch(`${fast.url}/sessions`, { method: 'POST', headers, body: JSON.stringify({ prompt: NEW.prompt }) });
  const [session] = fast.control.state();
  expect(session?.state).toBe('QUEUED');
  fast.control.advance(1500 / 20);
  expect(fast.control.state()[0]?.state).toBe('PLANNING');
  await fast.close();
});

test('nothing of the control is reached under the address of the API', async () => {
  for (const path of ['/sandbox/jules', '/jules', '/faults', '/settings'])
    for (const method of ['GET', 'POST']) expect((await jules.call(method, path)).status).toBe(404);
});
