import { beforeAll, expect, test } from 'vitest';
import { microsOf } from '#sandbox/jules/clock.ts';
import { NEW, simulate } from './support.ts';

const jules = simulate();

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
  ['/sessions?orderBy=create_time'],
  ['/sessions?filter=archived%20%3D%20true%20AND%20archived%20%3D%20false'],
  ['/sessions?pageSize=-1'],
  ['/sessions?pageSize=many'],
  ['/sources?archived=true'],
])('%s is an invalid argument', async (path) => {
  expect(await jules.call('GET', path)).toMatchObject({ status: 400, json: { error: { status: 'INVALID_ARGUMENT' } } });
});

test.each([
  'createTime=2026-01-17T00:03:53Z',
  'create_time=2026-01-17T00:03:53Z',
  'filter=create_time%20%3E%20%22soon%22',
  'filter=create_time%20%3E%3D%20%222026-01-17T00:03:53Z%22',
  'filter=originator%3Dagent',
  'pageToken=first',
])('activities?%s is an invalid argument, whatever a change log says', async (query) => {
  const { status, json } = await jules.call('GET', `/${finished}/activities?${query}`);
  expect([status, json.error]).toMatchObject([400, { status: 'INVALID_ARGUMENT' }]);
});

test('a page has 30 sessions, 30 sources or 50 activities where nothing is said; more than 100 are cut to 100', async () => {
  const sources = Array.from({ length: 101 }, (_, number) => ({ owner: 'o', repo: `r${number}` }));
  jules.control.addAccount({ key: 'many', label: 'many', sources, perDay: 1000, atOnce: 1000 });
  const get = async (path: string) => (await jules.call('GET', path, undefined, 'many')).json;
  for (let made = 0; made < 101; made += 1) await jules.call('POST', '/sessions', { prompt: 'p' }, 'many');
  const name = (await get('/sessions?pageSize=1')).sessions?.[0]?.name ?? '';
  for (let made = 0; made < 101; made += 1) jules.control.script({ session: name, do: 'progress', title: `${made}` });
  for (const [path, field, byDefault] of [
    ['/sessions', 'sessions', 30],
    ['/sources', 'sources', 30],
    [`/${name}/activities`, 'activities', 50],
  ] as const) {
    for (const [query, length] of [
      ['', byDefault],
      ['?pageSize=0', byDefault],
      ['?pageSize=100', 100],
      ['?pageSize=1000', 100],
    ] as const) {
      const page = await get(`${path}${query}`);
      expect([path, query, page[field]?.length]).toEqual([path, query, length]);
      expect(page.nextPageToken).toBeTruthy();
    }
  }
});

test('an empty page token is the first page, and a session that is deleted meanwhile leaves no gap', async () => {
  const first = await jules.call('GET', '/sessions?pageSize=2&pageToken=');
  const gone = await jules.create();
  await jules.call('DELETE', `/${gone}`);
  expect((await jules.call('GET', '/sessions?pageSize=2')).json).toEqual(first.json);
});

test('a page token of activities can be made of any instant, and means at it or after it', async () => {
  const { json } = await jules.call('GET', `/${finished}/activities?pageSize=100`);
  const all = json.activities ?? [];
  const micros = microsOf(all[3]?.createTime ?? '');
  const from = async (nanos: bigint) =>
    (await jules.call('GET', `/${finished}/activities?pageSize=100&pageToken=${nanos}`)).json.activities;
  expect(await from(BigInt(micros) * 1000n)).toEqual(all.slice(3));
  expect(await from(BigInt(micros) * 1000n + 1000n)).toEqual(all.slice(4));
  expect(await from(0n)).toEqual(all);
});

test('a filter takes an instant with an offset', async () => {
  const { json } = await jules.call('GET', `/${finished}/activities?pageSize=100`);
  const all = json.activities ?? [];
  const instant = new Date(Math.floor(microsOf(all[2]?.createTime ?? '') / 1000) + 1 + 7_200_000);
  const filter = encodeURIComponent(`create_time > "${instant.toISOString().replace('Z', '+02:00')}"`);
  expect((await jules.call('GET', `/${finished}/activities?pageSize=100&filter=${filter}`)).json.activities).toEqual(
    all.slice(3),
  );
});

test('activities of a new session are not found for a while, neither the list nor one; the session is at once', async () => {
  const name = await jules.create({ requirePlanApproval: false });
  await jules.reaches(name, 'IN_PROGRESS');
  const [plan] = (await jules.call('GET', `/${name}/activities`)).json.activities ?? [];
  const other = await jules.create();
  const statuses = async () => [
    (await jules.call('GET', `/${other}`)).status,
    (await jules.call('GET', `/${other}/activities`)).status,
  ];
  jules.control.script({ settings: { activities404Ms: 2000 } });
  expect(await statuses()).toEqual([200, 404]);
  jules.control.advance(1999);
  expect(await statuses()).toEqual([200, 404]);
  jules.control.advance(1);
  expect(await statuses()).toEqual([200, 200]);
  jules.control.script({ settings: { activities404Ms: 1e9 } });
  expect((await jules.call('GET', `/${plan?.name}`)).status).toBe(404);
  jules.control.script({ settings: { activities404Ms: 0 } });
  expect((await jules.call('GET', `/${plan?.name}`)).json).toEqual(plan);
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
