import { DiscordAPIError } from '@discordjs/rest';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Json, JULES_CHANNEL, stages, until } from './support.ts';

const stage = stages({ limits: { isOn: false } });
const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

const GUILDS_AND_MESSAGES = (1 << 0) | (1 << 9);
const CONTENT = 1 << 15;

/** What a connection with these intents hears of messages, and the code that it was closed with. */
async function listen(intents: number) {
  const socket = new WebSocket(`${stage().origin.replace('http', 'ws')}/gateway`);
  sockets.push(socket);
  const heard: Json[] = [];
  let code: number | undefined;
  socket.on('message', (raw) => heard.push(JSON.parse(String(raw))));
  socket.on('close', (closed) => {
    code = closed;
  });
  await until(() => heard[0]);
  socket.send(JSON.stringify({ op: 2, d: { token: stage().discord.token, intents } }));
  await until(() => heard.find(({ t }) => t === 'GUILD_CREATE') ?? code);
  const message = () => until(() => heard.find(({ t }) => t === 'MESSAGE_CREATE')?.d);
  return { message, closed: () => until(() => code) };
}

const say = async (body: object) => (await stage().drive('say', { as: 'requester', ...body })).body.message;

describe('what a person writes', () => {
  it('comes with its files, its answer and its author, to who may read it', async () => {
    stage().discord.world.mayReadMessages = true;
    const first = await stage().api.channels.createMessage(JULES_CHANNEL, { content: 'card' });
    const line = await listen(GUILDS_AND_MESSAGES | CONTENT);
    const files = [
      { name: 'a.md', text: 'one' },
      { name: 'big.zip', size: 104_857_600 },
    ];
    await say({ content: 'again', files, reply_to: first.id });
    const message = await line.message();
    expect(message).toMatchObject({
      type: 19,
      content: 'again',
      member: { roles: [expect.any(String)] },
      referenced_message: { id: first.id },
      attachments: [
        { filename: 'a.md', size: 3, content_type: 'text/markdown; charset=utf-8' },
        { filename: 'big.zip', size: 104_857_600, content_type: 'application/zip' },
      ],
    });
    expect(await (await fetch(message.attachments[0].url)).text()).toBe('one');
  });

  it('comes empty to who did not ask to read it, and not at all to who may not', async () => {
    const blind = await listen(GUILDS_AND_MESSAGES);
    await say({ content: 'secret', files: [{ name: 'a.md', text: 'one' }] });
    expect(await blind.message()).toMatchObject({ content: '', attachments: [], author: { username: 'requester' } });
    expect(await (await listen(GUILDS_AND_MESSAGES | CONTENT)).closed()).toBe(4014);
    await stage().drive('faults', { message_content: 'on' });
    const line = await listen(GUILDS_AND_MESSAGES | CONTENT);
    await stage().drive('faults', { message_content: 'off' });
    expect(await line.closed()).toBe(4014);
    expect((await stage().state()).faults.map(({ fault }: Json) => fault)).toContain('message_content');
    await stage().drive('faults', { clear: true });
    expect([(await stage().state()).faults, stage().discord.world.mayReadMessages]).toEqual([[], true]);
  });

  it('is refused where it says nothing, or its thread is locked', async () => {
    const refusal = async (body: object) => (await stage().drive('say', { as: 'requester', ...body })).body.error;
    expect(await refusal({ content: ' ' })).toMatch(/nothing to say/);
    const { id } = await stage().api.channels.createMessage(JULES_CHANNEL, { content: 'card' });
    await stage().api.channels.createThread(JULES_CHANNEL, { name: 'work' }, id);
    await stage().drive('faults', { channel: id, do: 'lock' });
    expect(await refusal({ content: 'Hello?', channel: id })).toMatch(/is locked/);
  });
});

describe('a reaction', () => {
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 0,
      (error: unknown) => (error instanceof DiscordAPIError ? error.code : error),
    );
  it('is an emoji, and stands in no archived thread', async () => {
    const { api, drive } = stage();
    const { id } = await api.channels.createMessage(JULES_CHANNEL, { content: 'card' });
    await api.channels.createThread(JULES_CHANNEL, { name: 'work' }, id);
    const { id: inside } = await say({ content: 'Hello', channel: id });
    expect(await codeOf(api.channels.addMessageReaction(id, inside, 'no emoji'))).toBe(10014);
    expect(await codeOf(api.channels.addMessageReaction(id, inside, '⚠️'))).toBe(0);
    await drive('faults', { channel: id, do: 'archive' });
    expect(await codeOf(api.channels.addMessageReaction(id, inside, '✅'))).toBe(50083);
  });
});
