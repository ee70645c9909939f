import { describe, expect, it } from 'vitest';
import { JULES_CHANNEL, stages } from './support.ts';

const stage = stages();
const path = `/channels/${JULES_CHANNEL}/messages`;
const post = (content = 'x') => stage().call('POST', path, { content });
const posted = async () => (await stage().state()).messages.length;

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
    const general = '/channels/1190000000000000032/messages';
    expect((await stage().call('POST', general, { content: 'x' })).status).toBe(200);
    await stage().drive('faults', { limits: 'off' });
    expect((await post()).status).toBe(200);
  });

  it('an ordered 429 says how long to wait', async () => {
    await stage().drive('faults', { rest: { kind: '429', match: { path: '/messages' }, retryAfterS: 7 } });
    expect((await post()).body).toMatchObject({ retry_after: 7, global: false });
    expect((await post()).status).toBe(200);
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

  it('a late request takes effect although its caller has hung up', async () => {
    await stage().drive('faults', { rest: { kind: 'late', match: { path: '/messages' }, delayMs: 150 } });
    const { apiBase, discord } = stage();
    const hasty = fetch(`${apiBase}/v10${path}`, {
      method: 'POST',
      headers: { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' },
      body: '{"content":"late"}',
      signal: AbortSignal.timeout(50),
    });
    await expect(hasty).rejects.toThrow();
    expect(await posted()).toBe(0);
    await expect.poll(posted).toBe(1);
  });

  it('a misspelt fault is named in a sentence', async () => {
    const { status, body } = await stage().drive('faults', { gatway: 'drop' });
    expect(status).toBe(400);
    expect(body.error).toContain('gatway');
  });
});
