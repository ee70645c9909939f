import { beforeAll, expect, test } from 'vitest';
import { NEW, simulate } from './support.ts';

const jules = simulate({ speed: 2000 });

/** All pages of a list, as the names of their items. */
async function pages(path: string, field: 'sessions' | 'activities' | 'sources'): Promise<string[][]> {
  const all: string[][] = [];
  let token = '';
  do {
    const { json, text, status } = await jules.call('GET', `${path}&pageToken=${encodeURIComponent(token)}`);
    expect(status, text).toBe(200);
    const items = json[field] ?? [];
    all.push(items.map(({ name }) => name));
    token = json.nextPageToken ?? '';
  } while (token !== '');
  return all;
}

const created: string[] = [];
let finished = '';

beforeAll(async () => {
  for (let count = 0; count < 5; count += 1) created.push(await jules.create());
  finished = await jules.create();
  await jules.reaches(finished, 'AWAITING_PLAN_APPROVAL');
  await jules.call('POST', `/${finished}:approvePlan`, {});
  await jules.reaches(finished, 'COMPLETED');
});

test('sessions come newest first, and one created between two pages shifts nothing', async () => {
  const first = await jules.call('GET', '/sessions?pageSize=4');
  await jules.create();
  const second = await jules.call('GET', `/sessions?pageSize=4&pageToken=${first.json.nextPageToken}`);
  const names = [first, second].flatMap(({ json }) => json.sessions ?? []).map((s) => s.name);
  expect(names).toEqual([finished, ...created.toReversed()]);
});

test('activities come oldest first; a page token is the nanosecond where the next page begins', async () => {
  const whole = (await pages(`/${finished}/activities?pageSize=100`, 'activities')).flat();
  expect(whole.length).toBeGreaterThan(10);
  const split = await pages(`/${finished}/activities?pageSize=4`, 'activities');
  expect(split.flat()).toEqual(whole);
  expect(split[0]).toHaveLength(4);
  const { json } = await jules.call('GET', `/${finished}/activities?pageSize=1`);
  const { json: next } = await jules.call('GET', `/${finished}/activities?pageSize=2`);
  const times = next.activities ?? [];
  const micros =
    BigInt(Date.parse(`${times[1]?.createTime.slice(0, 23)}Z`)) * 1000n +
    BigInt(String(times[1]?.createTime.slice(23, 26)));
  expect(json.nextPageToken).toBe(String(micros * 1000n));
});

test('activities after an instant leave out the one of that instant', async () => {
  const { json } = await jules.call('GET', `/${finished}/activities?pageSize=100`);
  const all = json.activities ?? [];
  const filter = encodeURIComponent(`create_time > "${all[2]?.createTime}"`);
  const after = await jules.call('GET', `/${finished}/activities?pageSize=100&filter=${filter}`);
  expect(after.json.activities).toEqual(all.slice(3));
  const tight = encodeURIComponent(`create_time>"${all[2]?.createTime}"`);
  expect((await jules.call('GET', `/${finished}/activities?filter=${tight}`)).status).toBe(200);
});

test.each([
  ['/sessions?filter=state%20%3D%20COMPLETED'],
  ['/sessions?pageToken=nonsense'],
  ['/sources?filter=owner%3Dacme'],
  ['/sources?pageToken=github/nobody/nothing'],
  ['/sessions?createTime=2026-01-17T00:03:53Z'],
])('%s is an invalid argument', async (path) => {
  expect(await jules.call('GET', path)).toMatchObject({ status: 400, json: { error: { status: 'INVALID_ARGUMENT' } } });
});

test.each(['createTime=2026-01-17T00:03:53Z', 'filter=create_time%20%3E%20%22soon%22', 'filter=originator%3Dagent'])(
  'activities?%s is an invalid argument, whatever a change log says',
  async (query) => {
    expect((await jules.call('GET', `/${finished}/activities?${query}`)).status).toBe(400);
  },
);

test('a page larger than the largest is cut, not refused', async () => {
  expect((await jules.call('GET', '/sessions?pageSize=1000')).status).toBe(200);
});

test('sources have tokens that are ids, are filtered by name and read by name', async () => {
  const { json } = await jules.call('GET', '/sources?pageSize=1');
  expect(json.nextPageToken).toBe('github/acme/shop');
  expect((await pages('/sources?pageSize=1', 'sources')).flat()).toEqual([
    'sources/github/acme/blog',
    'sources/github/acme/shop',
  ]);
  const filter = encodeURIComponent('name="sources/github/acme/shop" OR name=sources/x');
  expect((await pages(`/sources?filter=${filter}`, 'sources')).flat()).toEqual(['sources/github/acme/shop']);
  expect((await jules.call('GET', '/sources/github/acme/shop')).json).toMatchObject({ id: 'github/acme/shop' });
  expect((await jules.call('GET', '/sources/github/acme/none')).status).toBe(404);
});

test('two activities of one instant are never torn apart by a page', async () => {
  jules.control.script({ settings: { equalTimes: true } });
  const { json } = await jules.call('POST', '/sessions', { ...NEW, requirePlanApproval: false });
  const name = String(json.name);
  await jules.reaches(name, 'COMPLETED');
  jules.control.script({ settings: { equalTimes: false } });
  const split = await pages(`/${name}/activities?pageSize=1`, 'activities');
  expect(split[0]).toHaveLength(2);
  expect(new Set(split.flat()).size).toBe(split.flat().length);
});
