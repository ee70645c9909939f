import { Events } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { emit } from '#sandbox/discord/world.ts';
import { GUILD, type Json, JULES_CHANNEL, stages, until } from './support.ts';

/** Moved by the tests of limits alone. */
let now = Date.now();
beforeEach(() => {
  now = Date.now();
});
const stage = stages({ now: () => now });

const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

/** A connection without any library: what it heard, and how it ended. */
async function dial(query = '') {
  const socket = new WebSocket(`${stage().origin.replace('http', 'ws')}/gateway${query}`);
  sockets.push(socket);
  const heard: Json[] = [];
  let closed: number | undefined;
  socket.on('message', (raw) => heard.push(JSON.parse(String(raw))));
  socket.on('close', (code) => {
    closed = code;
  });
  const isOver = () => (closed === undefined ? undefined : closed);
  await until(() => heard[0] ?? closed);
  return {
    send: (frame: object | string) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    heard: (op: number, t?: string) => until(() => heard.find((one) => one.op === op && (!t || one.t === t))),
    count: (op: number) => heard.filter((one) => one.op === op).length,
    closed: () => until(isOver),
  };
}

const identify = (more: object = {}) => ({ op: 2, d: { token: stage().discord.token, intents: 1, ...more } });

const closeCode = async (first: object | string, query?: string) => {
  const line = await dial(query);
  line.send(first);
  return line.closed();
};

describe('the gateway', () => {
  it('lets a discord.js client log in and shows it the guild, its channels and roles', async () => {
    const client = await stage().login();
    const guild = client.guilds.cache.get(GUILD);
    expect(guild?.name).toBe('Verne sandbox');
    expect(guild?.channels.cache.map(({ name }) => name)).toEqual(['jules', 'general']);
    expect(guild?.roles.cache.map(({ name }) => name)).toContain('Release approver');
    expect(guild?.members.me?.permissions.has('SendMessages')).toBe(true);
  });

  it('closes a connection for good that may never come in', async () => {
    expect(await closeCode(identify({ token: 'wrong' }))).toBe(4004);
    expect(await closeCode(identify({ shard: [1, 1] }))).toBe(4010);
    expect(await closeCode(identify({ intents: 1 << 30 }))).toBe(4013);
    expect(await closeCode(identify({ intents: 1 | (1 << 15) }))).toBe(4014);
    expect(await (await dial('?v=9&encoding=json')).closed()).toBe(4012);
  });

  it('closes a connection that does not keep to the protocol', async () => {
    expect(await closeCode('{')).toBe(4002);
    expect(await closeCode({ op: 1, d: 'x'.repeat(4096) })).toBe(4002);
    expect(await closeCode({ op: 4, d: {} })).toBe(4003);
    const line = await dial();
    line.send(identify());
    await line.heard(0, 'READY');
    line.send({ op: 77 });
    expect(await line.closed()).toBe(4001);
    now += 5_001;
    const twice = await dial();
    twice.send(identify());
    twice.send(identify());
    expect(await twice.closed()).toBe(4005);
  });

  it('takes a hundred and twenty frames in a minute, and closes at the next', async () => {
    const line = await dial();
    for (let n = 0; n < 120; n += 1) line.send({ op: 1, d: null });
    await until(() => (line.count(11) === 120 ? true : undefined));
    now += 61_000;
    for (let n = 0; n < 121; n += 1) line.send({ op: 1, d: null });
    expect(await line.closed()).toBe(4008);
    expect(line.count(11)).toBe(240);
  });

  it('takes one IDENTIFY in five seconds, and calls the session of another invalid', async () => {
    const [first, second] = [await dial(), await dial()];
    first.send(identify());
    await first.heard(0, 'READY');
    second.send(identify());
    expect((await second.heard(9)).d).toBe(false);
    now += 5_001;
    second.send(identify());
    await second.heard(0, 'READY');
  });

  it('counts the sessions that are begun in a day, and lets nobody in after the last', async () => {
    const { call, drive, state } = stage();
    const left = async () => (await call('GET', '/gateway/bot')).body.session_start_limit.remaining;
    expect(await left()).toBe(1000);
    const line = await dial();
    line.send(identify());
    await line.heard(0, 'READY');
    expect([await left(), (await state()).limits.identifies]).toEqual([999, { left: 999, of: 1000 }]);
    await drive('faults', { identifies: 0 });
    expect(await left()).toBe(0);
    now += 5_001;
    expect(await closeCode(identify())).toBe(4004);
    expect((await state()).faults).toEqual([{ fault: 'identifies', says: expect.any(String) }]);
    now += 24 * 3_600_000;
    expect(await left()).toBe(1000);
  });

  it('a cut connection is resumed and what happened meanwhile is replayed', async () => {
    const { discord, login, drive } = stage();
    const client = await login();
    let resumed = 0;
    client.on(Events.ShardResume, () => {
      resumed += 1;
    });
    const heard: string[] = [];
    client.on(Events.ChannelUpdate, () => heard.push('updated'));
    await drive('faults', { gateway: 'drop' });
    await until(() => (discord.gateway.connected() === 0 ? true : undefined));
    await drive('faults', { channel: 'general', do: 'forbid' });
    await until(() => (resumed > 0 ? true : undefined));
    expect(discord.gateway.connected()).toBe(1);
    await until(() => (heard.length > 0 ? true : undefined));
    expect(heard).toEqual(['updated']);
  });

  it('a client that is asked to reconnect resumes its session', async () => {
    const client = await stage().login();
    const resumed = new Promise((done) => client.once(Events.ShardResume, done));
    await stage().drive('faults', { gateway: 'reconnect' });
    await resumed;
    expect(stage().discord.gateway.connected()).toBe(1);
  });

  it('a session that was invalidated cannot be resumed, unless it is said that it can', async () => {
    const { discord, drive } = stage();
    const line = await dial();
    line.send(identify());
    const { d } = await line.heard(0, 'READY');
    const resume = { op: 6, d: { token: discord.token, session_id: d.session_id, seq: 1 } };
    await drive('faults', { gateway: 'resumable_session' });
    expect((await line.heard(9)).d).toBe(true);
    line.send(resume);
    await line.heard(0, 'RESUMED');
    await drive('faults', { gateway: 'invalid_session' });
    await until(() => (line.count(9) === 2 ? true : undefined));
    line.send(resume);
    await until(() => (line.count(9) === 3 ? true : undefined));
    now += 5_001;
    line.send(identify());
    await until(() => (discord.gateway.connected() === 1 ? true : undefined));
  });

  it('a resume from the future is closed, and from too far back begins anew', async () => {
    const { discord } = stage();
    const line = await dial();
    line.send(identify());
    const { d } = await line.heard(0, 'READY');
    const resume = (seq: number) => ({ op: 6, d: { token: discord.token, session_id: d.session_id, seq } });
    expect(await closeCode(resume(99))).toBe(4007);
    for (let n = 0; n < 200; n += 1) emit(discord.world, 'CHANNEL_UPDATE', {});
    const late = await dial();
    late.send(resume(1));
    expect((await late.heard(9)).d).toBe(false);
  });

  it('tells a bot with the Guilds intent nothing of messages', async () => {
    const { login, drive, api } = stage();
    const client = await login();
    const heard: string[] = [];
    client.on(Events.Raw, ({ t }: { t: string }) => heard.push(t));
    await drive('say', { as: 'requester', content: 'hello' });
    const { id } = await api.channels.createMessage(JULES_CHANNEL, { content: 'card' });
    await api.channels.createThread(JULES_CHANNEL, { name: 'work' }, id);
    await until(() => (heard.includes('THREAD_CREATE') ? true : undefined));
    expect(heard.filter((t) => t?.startsWith('MESSAGE_'))).toEqual([]);
  });
});

describe('heartbeats', () => {
  const quick = stages({ heartbeatEveryMs: 300 });

  it('that are not acknowledged make the client come again, and hear what it missed', async () => {
    const { discord, login, drive, state } = quick();
    const client = await login();
    const resumed = new Promise((done) => client.once(Events.ShardResume, done));
    const heard = new Promise((done) => client.once(Events.ChannelUpdate, done));
    await drive('faults', { gateway: 'silent' });
    expect((await state()).faults).toEqual([{ fault: 'gateway', says: 'The gateway is silent' }]);
    await drive('faults', { channel: 'general', do: 'forbid', permissions: ['ADD_REACTIONS'] });
    await resumed;
    await heard;
    expect([discord.gateway.connected(), discord.gateway.silent()]).toEqual([1, 0]);
  });

  it('that do not come end the connection', async () => {
    const socket = new WebSocket(`${quick().origin.replace('http', 'ws')}/gateway`);
    sockets.push(socket);
    expect(await new Promise((done) => socket.on('close', done))).toBe(4009);
  });
});
