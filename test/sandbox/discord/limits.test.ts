import { beforeEach, describe, expect, it } from 'vitest';
import { APP, JULES_CHANNEL, stages } from './support.ts';

/** Moved by the tests of limits alone: their windows are minutes and days. */
let now = Date.now();
beforeEach(() => {
  now = Date.now();
});
const stage = stages({ now: () => now });
const GENERAL = '1190000000000000032';
const SECOND = 1_000;
const HOUR = 3_600_000;
const path = `/channels/${JULES_CHANNEL}/messages`;
const post = (content = 'x') => stage().call('POST', path, { content });
const posted = async () => (await stage().state()).messages.length;

const bucketOf = async (method: string, path: string, body?: object) =>
  (await stage().call(method, path, body)).headers.get('x-ratelimit-bucket');

describe('limits', () => {
  it('a bucket has one id for every channel and a count for each; posting and editing have one of their own', async () => {
    const here = await bucketOf('POST', path, { content: 'x' });
    expect(here).toMatch(/^[0-9a-f]{32}$/);
    const other = await stage().call('POST', `/channels/${GENERAL}/messages`, { content: 'x' });
    expect([other.headers.get('x-ratelimit-bucket'), other.headers.get('x-ratelimit-remaining')]).toEqual([here, '4']);
    expect(await bucketOf('PATCH', `${path}/${other.body.id}`, { content: 'y' })).not.toBe(here);
    const reaction = `/channels/${GENERAL}/messages/${other.body.id}/reactions/%E2%9C%85/@me`;
    expect(await bucketOf('PUT', reaction)).toBe(await bucketOf('DELETE', reaction));
  });

  it('the bot as a whole has fifty requests a second, and answers to interactions are not among them', async () => {
    const read = (id: number) => stage().call('GET', `/channels/${JULES_CHANNEL}/messages/${id}`);
    for (let n = 0; n < 50; n += 1) await (n % 2 ? read(n) : stage().call('GET', '/users/@me'));
    const { status, headers, body } = await stage().call('GET', `/channels/${GENERAL}`);
    expect([status, body.global, body.message]).toEqual([429, true, 'You are being rate limited.']);
    expect(body.retry_after).toBeGreaterThan(0);
    expect([headers.get('x-ratelimit-global'), headers.get('x-ratelimit-scope')]).toEqual(['true', 'global']);
    expect(headers.get('x-ratelimit-bucket')).toBeNull();
    expect((await stage().call('POST', '/interactions/1/x/callback', { type: 5 })).status).toBe(404);
    expect((await stage().call('POST', `/webhooks/${APP}/x`, { content: 'x' })).status).toBe(401);
    now += 1_001;
    expect((await stage().call('GET', `/channels/${GENERAL}`)).status).toBe(200);
  });

  it('a message that is older than an hour is edited three times in six seconds, not four', async () => {
    const { body: first } = await post();
    const { body: second } = await post();
    const edit = (id: string, content: string) => stage().call('PATCH', `${path}/${id}`, { content });
    await stage().drive('faults', { age: HOUR - 10 * SECOND });
    for (const content of ['a', 'b', 'c', 'd']) expect((await edit(first.id, content)).status).toBe(200);
    now += 11 * SECOND;
    for (const content of ['a', 'b', 'c']) expect((await edit(first.id, content)).status).toBe(200);
    const { status, body, headers } = await edit(second.id, 'd');
    expect([status, body.code, body.global]).toEqual([429, 30046, false]);
    expect([Number(headers.get('retry-after')) > 0, body.retry_after <= 6]).toEqual([true, true]);
    const { body: young } = await post('young');
    now += 5 * SECOND;
    expect((await edit(young.id, 'younger')).status).toBe(200);
    expect((await edit(first.id, 'e')).body.code).toBe(30046);
    now += 2 * SECOND;
    expect((await edit(first.id, 'e')).status).toBe(200);
  });

  it('ten thousand refused requests within ten minutes ban the address, in words that are not JSON', async () => {
    const { call, drive, state, apiBase, discord } = stage();
    await drive('faults', { rest: { kind: '429', times: 2, scope: 'shared' } });
    await call('GET', '/users/@me');
    await call('GET', '/users/@me');
    expect((await state()).limits.invalid).toEqual({ count: 0, of: 10_000 });
    await drive('faults', { channel: 'jules', do: 'forbid' });
    expect((await post()).status).toBe(403);
    expect((await state()).limits.invalid.count).toBe(1);
    await drive('faults', { invalid_requests: 9_999 });
    expect((await post()).status).toBe(403);
    const banned = await fetch(`${apiBase}/v10/users/@me`, { headers: { authorization: `Bot ${discord.token}` } });
    expect([banned.status, banned.headers.get('retry-after'), await banned.text()]).toEqual([
      429,
      '3600',
      'error code: 1015',
    ]);
    expect(banned.headers.get('x-ratelimit-scope')).toBeNull();
    expect((await state()).faults.map(({ fault }: { fault: string }) => fault)).toContain('invalid_requests');
    now += HOUR + SECOND;
    expect((await call('GET', '/users/@me')).status).toBe(200);
    expect((await state()).limits.invalid).toEqual({ count: 0, of: 10_000 });
  });

  it('commands are listed without their other languages, unless those are asked for', async () => {
    const commands = `/applications/${APP}/commands`;
    const said = { description: 'd', description_localizations: { de: 'auf Deutsch' } };
    await stage().call('PUT', commands, [{ name: 'c', ...said }]);
    const [bare] = (await stage().call('GET', commands)).body;
    expect([bare.description, bare.description_localizations]).toEqual(['d', undefined]);
    expect((await stage().call('GET', `${commands}?with_localizations=true`)).body).toMatchObject([said]);
  });

  it('two hundred commands may be made in a day; changing them is free', async () => {
    const commands = `/applications/${APP}/commands`;
    const put = (round: number, description = 'd') =>
      stage().call(
        'PUT',
        commands,
        Array.from({ length: 90 }, (_, at) => ({ name: `c${round}-${at}`, description })),
      );
    expect([(await put(1)).status, (await put(2)).status, (await put(2, 'other')).status]).toEqual([200, 200, 200]);
    const { status, body } = await put(3);
    expect([status, body.code]).toEqual([429, 30034]);
    expect((await stage().state()).limits.commands).toEqual({ created: 180, of: 200 });
    now += 24 * HOUR;
    expect((await put(3)).status).toBe(200);
  });

  it('a follow-up and an edit by the same token share five requests in two seconds', async () => {
    const webhook = `/webhooks/${APP}/some-token`;
    for (let n = 0; n < 5; n += 1) expect((await stage().call('POST', webhook, { content: 'x' })).status).toBe(401);
    const { status, body } = await stage().call('PATCH', `${webhook}/messages/@original`, { content: 'x' });
    expect([status, body.global]).toEqual([429, false]);
    expect((await stage().call('POST', `/webhooks/${APP}/other-token`, { content: 'x' })).status).toBe(401);
  });
});

describe('limits and faults', () => {
  it('the sixth message within five seconds is a 429 with the headers of a real one', async () => {
    for (const left of ['4', '3', '2', '1', '0']) {
      expect((await post()).headers.get('x-ratelimit-remaining')).toBe(left);
    }
    const { status, headers, body } = await post();
    expect([status, headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-scope')]).toEqual([429, '5', 'user']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body.retry_after).toBeGreaterThan(0);
    expect(body.retry_after).toBeLessThanOrEqual(5);
    expect(await posted()).toBe(5);
  });

  it('another channel has a bucket of its own, and limits can be off', async () => {
    for (let n = 0; n < 5; n += 1) await post();
    expect((await stage().call('POST', `/channels/${GENERAL}/messages`, { content: 'x' })).status).toBe(200);
    await stage().drive('faults', { limits: 'off' });
    expect((await post()).status).toBe(200);
  });

  it('an ordered 429 says how long to wait', async () => {
    await stage().drive('faults', { rest: { kind: '429', match: { path: '/messages' }, retryAfterS: 7 } });
    expect((await post()).body).toMatchObject({ retry_after: 7, global: false });
    expect((await post()).status).toBe(200);
  });

  it('an ordered 429 may be the whole bot’s, or everybody’s', async () => {
    const { call, drive } = stage();
    await drive('faults', { rest: { kind: '429', scope: 'global', times: 2 } });
    expect((await call('POST', '/interactions/1/x/callback', { type: 5 })).status).toBe(404);
    const global = await post();
    expect([global.body.global, global.headers.get('x-ratelimit-global')]).toEqual([true, 'true']);
    await post();
    await drive('faults', { rest: { kind: '429', scope: 'shared' } });
    const shared = await post();
    expect([shared.body.global, shared.headers.get('x-ratelimit-scope')]).toEqual([false, 'shared']);
  });

  it('an error before the work leaves no message, an error after it leaves one', async () => {
    const match = { method: 'POST', path: '/messages' };
    await stage().drive('faults', { rest: { kind: 'error_before', match, status: 503, times: 2 } });
    expect([(await post()).status, (await post()).status, await posted()]).toEqual([503, 503, 0]);
    await stage().drive('faults', { rest: { kind: 'error_after', match } });
    expect([(await post()).status, await posted()]).toEqual([500, 1]);
  });

  it('a connection that dies after the work leaves the caller unsure', async () => {
    await stage().drive('faults', { rest: { kind: 'reset_after', match: { path: '/messages' } } });
    await expect(post()).rejects.toThrow('fetch failed');
    expect(await posted()).toBe(1);
  });

  it('a connection that dies before the work leaves nothing', async () => {
    await stage().drive('faults', { rest: { kind: 'reset_before', match: { path: '/messages' } } });
    await expect(post()).rejects.toThrow('fetch failed');
    expect(await posted()).toBe(0);
  });

  it('an answer that is cut in the middle has a head, and half a body', async () => {
    await stage().drive('faults', { rest: { kind: 'reset_mid_body', match: { path: '/messages' } } });
    const { apiBase, discord } = stage();
    const headers = { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${apiBase}/v10${path}`, { method: 'POST', headers, body: '{"content":"cut"}' });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow('terminated');
    expect(await posted()).toBe(1);
  });

  it('a late request takes effect although its caller has hung up', async () => {
    await stage().drive('faults', { rest: { kind: 'late', match: { path: '/messages' }, delayMs: 1_500 } });
    const { apiBase, discord } = stage();
    const hasty = fetch(`${apiBase}/v10${path}`, {
      method: 'POST',
      headers: { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' },
      body: '{"content":"late"}',
      signal: AbortSignal.timeout(50),
    });
    await expect(hasty).rejects.toThrow();
    expect(await posted()).toBe(0);
    await expect.poll(posted, { timeout: 10_000 }).toBe(1);
  });

  it('a misspelt fault is named in a sentence', async () => {
    const { status, body } = await stage().drive('faults', { gatway: 'drop' });
    expect(status).toBe(400);
    expect(body.error).toContain('gatway');
  });
});
