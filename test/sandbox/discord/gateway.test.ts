import { Events } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { GUILD, JULES_CHANNEL, stages, until } from './support.ts';

const stage = stages();

const closeCode = (url: string, first: object) =>
  new Promise<number>((done) => {
    const socket = new WebSocket(url);
    socket.on('open', () => socket.send(JSON.stringify(first)));
    socket.on('close', (code) => done(code));
  });

describe('the gateway', () => {
  it('lets a discord.js client log in and shows it the guild, its channels and roles', async () => {
    const client = await stage().login();
    const guild = client.guilds.cache.get(GUILD);
    expect(guild?.name).toBe('Verne sandbox');
    expect(guild?.channels.cache.map(({ name }) => name)).toEqual(['jules', 'general']);
    expect(guild?.roles.cache.map(({ name }) => name)).toContain('Release approver');
    expect(guild?.members.me?.permissions.has('SendMessages')).toBe(true);
  });

  it('closes a connection with a wrong token for good', async () => {
    const url = `${stage().origin.replace('http', 'ws')}/gateway`;
    const wrong = { op: 2, d: { token: 'wrong', intents: 1, properties: {} } };
    expect(await closeCode(url, wrong)).toBe(4004);
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

  it('a session that was invalidated cannot be resumed', async () => {
    const { origin, discord, drive } = stage();
    const url = `${origin.replace('http', 'ws')}/gateway`;
    const frames: { op: number; t?: string; d?: { session_id?: string } }[] = [];
    const socket = new WebSocket(url);
    socket.on('message', (raw) => frames.push(JSON.parse(String(raw))));
    socket.on('open', () => socket.send(JSON.stringify({ op: 2, d: { token: discord.token, intents: 1 } })));
    const ready = await until(() => frames.find(({ t }) => t === 'READY'));
    await drive('faults', { gateway: 'invalid_session' });
    await until(() => frames.find(({ op }) => op === 9));
    socket.send(JSON.stringify({ op: 6, d: { token: discord.token, session_id: ready.d?.session_id, seq: 1 } }));
    await until(() => (frames.filter(({ op }) => op === 9).length === 2 ? true : undefined));
    socket.terminate();
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
