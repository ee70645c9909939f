import type { APIInteraction, APIInteractionResponse } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DiscordClient, discordClient } from '#discord/client.ts';
import { commandDefinitions } from '#discord/definitions.ts';
import { type Gateway, startGateway, type Whence } from '#discord/gateway.ts';
import { registerCommands } from '#discord/register-commands.ts';
import { makeLog } from '#kernel/log.ts';
import { createInteract } from '#sandbox/discord/interact.ts';
import { defaultWorld } from '#sandbox/discord/seed.ts';
import { createDiscord, type Discord } from '#sandbox/discord/server.ts';
import { emit } from '#sandbox/discord/world.ts';
import { say, sayInput } from '#sandbox/say.ts';

const log = makeLog({ level: 'silent', secrets: [] });
const UNHEARD = { all: () => {}, added: () => {}, removed: () => {}, roles: () => {}, roleDeleted: () => {} };
const reply = (content: string): APIInteractionResponse => ({ type: 4, data: { content, flags: 64 } });

let discord: Discord;
let apiBase: string;
let client: DiscordClient;
let gateways: Gateway[];
beforeEach(async () => {
  gateways = [];
  discord = createDiscord({ world: defaultWorld({ answerWithinMs: 1500 }), latencyMs: 0, limits: { isOn: false } });
  ({ apiBase } = await discord.listen(0));
  client = discordClient({ token: discord.token, apiBase, timeoutMs: 10_000 });
});
afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  client.close();
  await discord.close();
});

function open(onInteraction: (payload: APIInteraction) => Promise<APIInteractionResponse>, token = discord.token) {
  const gateway = startGateway({
    token,
    apiBase,
    client,
    onInteraction,
    presence: UNHEARD,
    log,
  });
  gateways.push(gateway);
  return gateway;
}

const register = () => registerCommands({ client, commands: commandDefinitions(), log });

/** `/jules` by the requester; gives back what they read. */
async function ask() {
  const interact = createInteract(discord.world, { settleMs: 50 });
  const { reply: seen } = await interact.command({ as: 'requester', name: 'jules', options: { prompt: 'Fix it' } });
  return seen?.content;
}

describe('the gateway', () => {
  test('hears a command as a raw payload and answers it', async () => {
    await register();
    const heard: APIInteraction[] = [];
    const gateway = open(async (payload) => {
      heard.push(payload);
      return reply('recorded');
    });
    await gateway.ready;
    expect(gateway.isConnected()).toBe(true);
    expect(await ask()).toBe('recorded');
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ type: 2, data: { name: 'jules' } });
  });

  test('hears again after its connection was cut', async () => {
    await register();
    const gateway = open(async () => reply('still here'));
    await gateway.ready;
    discord.gateway.drop();
    await expect.poll(() => discord.gateway.connected(), { timeout: 15_000, interval: 50 }).toBe(1);
    expect(await ask()).toBe('still here');
  });

  test('outlives handlers that throw, payloads that make no sense and answers that come too late', async () => {
    await register();
    let count = 0;
    const gateway = open(async () => {
      count += 1;
      if (count === 1) throw new Error('a defect');
      return reply('after all that');
    });
    await gateway.ready;
    await expect(ask()).rejects.toThrow('did not respond');
    for (const payload of [
      {},
      { id: '1', token: 't', type: 99, data: null },
      { id: '2', token: 't', type: 2, data: { type: 1, name: 'jules' } },
    ]) {
      emit(discord.world, 'INTERACTION_CREATE', payload);
    }
    expect(await ask()).toBe('after all that');
  });

  test('waits for a Discord that is away at the start', async () => {
    discord.faults.add(
      { match: { path: '/gateway/bot' }, kind: 'error_before', status: 503, code: 0, delayMs: 0, retryAfterS: 0 },
      1,
    );
    const gateway = open(async () => reply('never asked'));
    await gateway.ready;
    expect(gateway.isConnected()).toBe(true);
  });

  test('says at once that a token is refused', async () => {
    const gateway = open(async () => reply('never asked'), 'not.a.token');
    await expect(gateway.ready).rejects.toThrow('token');
    expect(gateway.isConnected()).toBe(false);
  });

  test('gives the answers that are under way before it stops', async () => {
    await register();
    const heard = Promise.withResolvers<void>();
    let isAnswered = false;
    const answerInteraction: DiscordClient['answerInteraction'] = async (answer) => {
      discord.latency.ms = 300;
      const outcome = await client.answerInteraction(answer);
      isAnswered = true;
      return outcome;
    };
    const onInteraction = async () => {
      heard.resolve();
      return reply('just in time');
    };
    const gateway = startGateway({
      token: discord.token,
      apiBase,
      client: { answerInteraction },
      onInteraction,
      presence: UNHEARD,
      log,
    });
    await gateway.ready;
    const asked = ask();
    await heard.promise;
    await gateway.stop();
    expect(isAnswered).toBe(true);
    expect(await asked).toBe('just in time');
    await expect.poll(() => discord.gateway.connected()).toBe(0);
  });
});

describe('messages', () => {
  const hears = (log_ = log) => {
    const heard: [{ content?: string }, Whence][] = [];
    const gateway = startGateway({
      token: discord.token,
      apiBase,
      client,
      onInteraction: async () => reply('still answered'),
      onMessage: async (payload, whence) => void heard.push([payload, whence]),
      presence: UNHEARD,
      log: log_,
    });
    gateways.push(gateway);
    return { gateway, heard };
  };
  const says = (as: string, content: string, channel?: string) =>
    say(discord.world, sayInput.parse({ as, content, ...(channel && { channel }) }));
  const lines: string[] = [];
  const telling = () => {
    lines.length = 0;
    return makeLog({ level: 'error', secrets: [], destination: { write: (line: string) => void lines.push(line) } });
  };

  test('are heard whole, with what the gateway knows of their author and their place', async () => {
    discord.world.mayReadMessages = true;
    const { gateway, heard } = hears();
    await gateway.ready;
    const [channel] = [...discord.world.channels.values()];
    const starter = says('approver', 'Begin here');
    const made = await client.startThread({ channelId: channel?.id ?? '', messageId: starter.id, name: 'a' }, {});
    says('requester', 'In the thread', made);
    await expect.poll(() => heard.map(([{ content }]) => content)).toEqual(['Begin here', 'In the thread']);
    const [guild] = discord.world.guilds.values();
    const author = { id: guild?.owner_id, username: 'owner' };
    const byOwner = { id: '1', channel_id: '2', guild_id: guild?.id, author, member: { roles: [] }, content: 'Mine' };
    emit(discord.world, 'MESSAGE_CREATE', byOwner);
    emit(discord.world, 'MESSAGE_CREATE', { ...byOwner, guild_id: '3' });
    await expect.poll(() => heard.length).toBe(4);
    expect(heard[3]?.[1]).toMatchObject({ isAdmin: null });
    expect(heard[2]?.[1]).toEqual({ me: expect.any(String), isThread: undefined, isOwnThread: false, isAdmin: true });
    const me = discord.world.bot.id;
    expect(heard.slice(0, 2).map(([, whence]) => whence)).toEqual([
      { me, isThread: false, isOwnThread: false, isAdmin: true },
      { me, isThread: true, isOwnThread: true, isAdmin: false },
    ]);
  });

  test('that Discord refuses are done without, which the log says in a sentence', async () => {
    await register();
    const { gateway, heard } = hears(telling());
    await gateway.ready;
    says('requester', 'Does anybody hear me?');
    expect(await ask()).toBe('still answered');
    expect(heard).toEqual([]);
    expect(lines.join()).toMatch(/switch on the Message Content Intent, or set DISCORD_THREAD_REPLIES=off/);
  });

  test('that Discord refuses later are done without from then on', async () => {
    await register();
    discord.world.mayReadMessages = true;
    const { gateway } = hears(telling());
    await gateway.ready;
    discord.world.mayReadMessages = false;
    discord.gateway.disallow();
    await expect.poll(() => discord.gateway.connected(), { timeout: 15_000 }).toBe(1);
    expect(await ask()).toBe('still answered');
    expect(lines.join()).toContain('Message Content Intent');
  });
});

describe('the commands', () => {
  test('are registered once, and again when they were changed or removed by another hand', async () => {
    expect(await register()).toBe('registered');
    expect(await register()).toBe('unchanged');
    for (const command of discord.world.commands.values()) {
      discord.world.commands.set(command.id, { ...command, description: 'an older word' });
    }
    expect(await register()).toBe('registered');
    discord.world.commands.delete([...discord.world.commands.keys()][0] ?? '');
    expect(await register()).toBe('registered');
    expect(await register()).toBe('unchanged');
  });
});
