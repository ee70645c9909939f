import { describe, expect, it } from 'vitest';
import { type Json, JULES_CHANNEL, stages } from './discord/support.ts';

const stage = stages();

const path = `/channels/${JULES_CHANNEL}/messages`;
const post = (content = 'x') => stage().call('POST', path, { content });
const order = (body: object) => stage().drive('faults', body);
const armed = async () => (await stage().state()).faults.map(({ fault, says, left }: Json) => [fault, says, left]);

describe('the state names what is armed', () => {
  it('a fault of requests by what it does and how often, until it is used up', async () => {
    expect(await armed()).toEqual([]);
    const match = { method: 'POST', path: '/messages' };
    await order({ rest: { kind: 'error_after', match, status: 502, times: 2 } });
    await order({ rest: { kind: '429', scope: 'global', retryAfterS: 3 } });
    const global = ['rest', 'Any request: 429 (global), 3 s of patience', 1];
    expect(await armed()).toEqual([['rest', 'POST /messages: 502 after the work', 2], global]);
    await post();
    expect(await armed()).toEqual([['rest', 'POST /messages: 502 after the work', 1], global]);
    await post();
    await post();
    expect(await armed()).toEqual([]);
  });

  it.each([
    ['error_before', '500 instead of the work'],
    ['reset_before', 'cut before the work'],
    ['reset_after', 'cut after the work'],
    ['reset_mid_body', 'cut in the middle of the answer'],
    ['slow', 'done, answered 1 s later'],
    ['late', 'done 1 s later'],
  ])('%s in words', async (kind, words) => {
    await order({ rest: { kind } });
    expect(await armed()).toEqual([['rest', `Any request: ${words}`, 1]]);
  });

  it('what lasts, until all is cleared', async () => {
    const { call } = stage();
    const { body: thread } = await call('POST', `/channels/${JULES_CHANNEL}/threads`, { name: '#12 Fix it', type: 11 });
    await order({ channel: 'general', do: 'forbid', permissions: ['SEND_MESSAGES', 'EMBED_LINKS'] });
    await order({ channel: thread.id, do: 'lock' });
    await order({ dms: 'closed', for: 'requester' });
    await order({ double: 2, identifies: 0, invalid_requests: 10_000, limits: 'off', rest: { kind: 'slow' } });
    expect(await armed()).toEqual([
      ['rest', 'Any request: done, answered 1 s later', 1],
      ['double', 'Delivered twice', 2],
      ['channel', '#general: the bot lost SEND_MESSAGES, EMBED_LINKS', undefined],
      ['channel', '#12 Fix it is locked', undefined],
      ['dms', 'requester takes no direct messages', undefined],
      ['limits', 'Limits are off', undefined],
      ['invalid_requests', expect.stringMatching(/^The address is banned until 2/), undefined],
      ['identifies', 'The bot may not identify any more today', undefined],
    ]);
    await order({ clear: true });
    expect(await armed()).toEqual([]);
    expect((await stage().state()).limits).toEqual({
      on: true,
      latencyMs: 0,
      invalid: { count: 0, of: 10_000 },
      identifies: { left: 1000, of: 1000 },
      commands: { created: 0, of: 200 },
    });
    expect((await post()).status).toBe(200);
  });
});

describe('what happens at once', () => {
  it('an hour passes for what is there: ids and the clock stay', async () => {
    const { body } = await post();
    await order({ age: 3_600_000 });
    const [message] = (await stage().state()).messages;
    expect([message.id, Date.parse(body.timestamp) - Date.parse(message.timestamp)]).toEqual([body.id, 3_600_000]);
    const { body: next } = await post();
    expect(Date.parse(next.timestamp)).toBeGreaterThanOrEqual(Date.parse(body.timestamp));
  });

  it('thirty days at most pass at once: no date is made that no clock can show', async () => {
    await post();
    for (const age of [Number.MAX_SAFE_INTEGER, 2_592_000_001]) {
      const { status, body } = await order({ age });
      expect([status, body.error]).toEqual([400, expect.stringContaining('30 days or less')]);
    }
    expect((await order({ age: 2_592_000_000 })).status).toBe(200);
  });

  it('a message is deleted, once', async () => {
    const { body } = await post();
    expect((await order({ delete_message: body.id })).status).toBe(200);
    expect((await stage().state()).messages).toEqual([]);
    expect(await order({ delete_message: body.id })).toMatchObject({
      status: 404,
      body: { error: `There is no message ${body.id}.` },
    });
  });

  it('only threads are locked, and only channels have permissions', async () => {
    expect((await order({ channel: 'jules', do: 'lock' })).body.error).toContain('no thread');
    await stage().call('POST', `/channels/${JULES_CHANNEL}/threads`, { name: 'work', type: 11 });
    expect((await order({ channel: 'work', do: 'forbid' })).body.error).toContain('not on threads');
  });

  it('a database that is not the sandbox’s own is left alone', async () => {
    expect(await order({ database: 'stop' })).toMatchObject({
      status: 400,
      body: { error: 'The database is not the one of this sandbox; stop it where it runs.' },
    });
  });
});
