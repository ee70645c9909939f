import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type Json, JULES_CHANNEL, stages, until } from './discord/support.ts';

const stage = stages();

/** Plain node:http, since `fetch` does not let Host and Origin be set. */
function statusWith(path: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<number | undefined>((done, fail) => {
    const { port } = new URL(stage().origin);
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      response.resume();
      response.destroy();
      done(response.statusCode);
    });
    asked.on('error', fail);
    asked.end();
  });
}

describe('the driver routes', () => {
  it('the state names accounts, guilds, channels and messages', async () => {
    await stage().drive('say', { as: 'outsider', channel: 'general', content: 'hello <b>' });
    const state = await stage().state();
    expect(state.accounts.map(({ name }: Json) => name)).toEqual(['approver', 'requester', 'outsider']);
    expect(state.channels.map(({ name, type }: Json) => [name, type])).toEqual([
      ['jules', 0],
      ['general', 0],
    ]);
    expect(state.messages).toMatchObject([
      {
        channel_id: state.channels[1].id,
        author: { name: 'outsider', bot: false },
        content: 'hello <b>',
        embeds: [],
        components: [],
        flags: 0,
        attachments: [],
      },
    ]);
    expect([state.modals, state.requests, state.interactions, state.sessions]).toEqual([[], [], [], []]);
  });

  it('the state gives only the fields that are named', async () => {
    const named = await (await fetch(`${stage().origin}/sandbox/state?only=refused,sessions`)).json();
    expect(named).toEqual({ refused: { count: 0, first: [] }, sessions: [] });
    const { status } = await fetch(`${stage().origin}/sandbox/state?without=messages`);
    expect(status).toBe(400);
  });

  it('a request of the bot stands in the log without its token', async () => {
    await stage().api.channels.createMessage(JULES_CHANNEL, { content: 'x' });
    await stage().call('POST', '/interactions/1/secret-token/callback', { type: 4 });
    const { requests } = await stage().state();
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: `/api/v10/channels/${JULES_CHANNEL}/messages`,
      status: 200,
      verdict: { ok: true, errors: [] },
    });
    expect(JSON.stringify(requests)).not.toContain('secret-token');
    await stage().call('GET', '/nowhere');
    const seen = (await stage().state()).requests.at(-1);
    expect(seen).toMatchObject({ path: '/api/v10/nowhere', status: 404 });
    expect(seen.verdict).toBeUndefined();
  });

  it('a foreign Origin and a foreign Host are refused', async () => {
    const { host } = new URL(stage().origin);
    for (const path of ['/sandbox/state', '/sandbox/events']) {
      expect(await statusWith(path, { host })).toBe(200);
      expect(await statusWith(path, { host, origin: `http://${host}` })).toBe(200);
      expect(await statusWith(path, { host, origin: 'https://evil.example' })).toBe(403);
      expect(await statusWith(path, { host, origin: 'null' })).toBe(403);
      expect(await statusWith(path, { host: 'evil.example' })).toBe(403);
    }
    expect(await statusWith('/sandbox/faults', { host, origin: 'http://127.0.0.1:1' }, 'POST')).toBe(403);
  });

  it('events bring the state, then every change', async () => {
    const abort = new AbortController();
    const response = await fetch(`${stage().origin}/sandbox/events`, { signal: abort.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await until(() => (/event: state\ndata: \{"accounts"/.test(text) ? true : undefined));
    await stage().drive('say', { as: 'requester', content: 'hello' });
    await until(() => (/event: message\ndata: \{"type":"MESSAGE_CREATE"/.test(text) ? true : undefined));
    await until(() => ((text.match(/event: state/g) ?? []).length > 1 ? true : undefined));
    abort.abort();
    await reading;
  });

  it('wrong bodies are answered by a sentence that names the field', async () => {
    const { status, body } = await stage().drive('press', { as: 'approver', custom_id: 'x' });
    expect([status, body.error]).toEqual([400, expect.stringContaining('"message"')]);
    expect((await stage().drive('say', { as: 'nobody', content: 'x' })).body.error).toContain('approver, requester');
    expect((await stage().drive('jules', {})).body.error).toBe('There is no simulated Jules here.');
  });
});

describe('the page', () => {
  it('is served under a strict policy, and nothing outside its folder is', async () => {
    const page = await fetch(`${stage().origin}/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const script = await fetch(`${stage().origin}/main.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const { host } = new URL(stage().origin);
    const outside = [
      '/..%2f..%2f..%2fnode_modules/ws/index.js',
      '/../../../node_modules/ws/index.js',
      '/../drivers.ts',
      '/..%2fdrivers.ts',
      '/%2e%2e/%2e%2e/%2e%2e/package.json',
      '/types.d.ts',
      '/..%5cx.js',
    ];
    for (const path of outside) expect([path, await statusWith(path, { host })]).toEqual([path, 404]);
  });
});
