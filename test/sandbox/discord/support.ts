import { API } from '@discordjs/core/http-only';
import { REST } from '@discordjs/rest';
import { Client, Events } from 'discord.js';
import { type APIInteraction, GatewayDispatchEvents } from 'discord-api-types/v10';
import { afterEach, beforeEach, expect } from 'vitest';
import { createInteract } from '#sandbox/discord/interact.ts';
import { defaultWorld } from '#sandbox/discord/seed.ts';
import { createDiscord, type Discord, type DiscordOptions } from '#sandbox/discord/server.ts';
import type { WorldOptions } from '#sandbox/discord/world.ts';
import { registerDrivers } from '#sandbox/drivers.ts';
import { registerPage } from '#sandbox/static.ts';
import { judgeAnswers } from './answers.ts';

export const APP = '1190000000000000001';
export const GUILD = '1190000000000000010';
export const JULES_CHANNEL = '1190000000000000031';
export const APPROVER = '1190000000000000041';
export const REQUESTER = '1190000000000000042';
export const APPROVER_ROLE = '1190000000000000021';

/** What a JSON answer holds is looked at by the expectations of a test alone. */
export type Json = ReturnType<typeof JSON.parse>;
type Answer = { readonly status: number; readonly body: Json };
type Handler = (interaction: APIInteraction, api: API) => Promise<unknown>;

export type Stage = {
  readonly discord: Discord;
  readonly origin: string;
  readonly apiBase: string;
  readonly rest: REST;
  readonly api: API;
  drive(path: string, body: object): Promise<Answer>;
  state(): Promise<Json>;
  call(method: string, path: string, body?: unknown): Promise<Answer & { readonly headers: Headers }>;
  /** A real discord.js client that hands every interaction to `handle`. */
  login(handle?: Handler): Promise<Client>;
};

/** One simulated Discord a test, with everything that was opened closed again. */
export function stages(options: WorldOptions & Pick<DiscordOptions, 'limits' | 'heartbeatEveryMs'> = {}) {
  const open: (() => Promise<unknown>)[] = [];
  let stage: Stage | undefined;
  let wrong: readonly string[] = [];
  beforeEach(async () => {
    const discord = createDiscord({ ...options, world: defaultWorld(options), latencyMs: 0 });
    registerDrivers(discord.app, { discord, interact: createInteract(discord.world, { settleMs: 2_000 }) });
    registerPage(discord.app);
    open.push(() => discord.close());
    wrong = judgeAnswers(discord);
    stage = await stageOf(discord, open);
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
    expect(wrong, 'answers that Discord’s document does not know').toEqual([]);
  });
  return () => {
    if (!stage) throw new Error('No stage yet');
    return stage;
  };
}

async function stageOf(discord: Discord, open: (() => Promise<unknown>)[]): Promise<Stage> {
  const { origin, apiBase } = await discord.listen(0);
  const rest = new REST({ api: apiBase, retries: 0 }).setToken(discord.token);
  const api = new API(rest);
  const send = async (method: string, url: string, init: { headers?: object; body?: unknown }) => {
    const response = await fetch(url, {
      method,
      headers: { ...(init.body !== undefined && { 'content-type': 'application/json' }), ...init.headers },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    discord,
    origin,
    apiBase,
    rest,
    api,
    drive: (path, body) => send('POST', `${origin}/sandbox/${path}`, { body }),
    state: async () => (await send('GET', `${origin}/sandbox/state`, {})).body,
    call: (method, path, body) =>
      send(method, `${apiBase}/v10${path}`, { body, headers: { authorization: `Bot ${discord.token}` } }),
    login: async (handle) => {
      const client = new Client({ intents: [1], rest: { api: apiBase, retries: 0 } });
      client.on(Events.Error, () => undefined);
      if (handle) {
        client.ws.on(GatewayDispatchEvents.InteractionCreate, (payload: APIInteraction) => {
          handle(payload, new API(client.rest)).catch(() => undefined);
        });
      }
      open.push(() => client.destroy());
      const ready = new Promise((done) => client.once(Events.ClientReady, done));
      await client.login(discord.token);
      await ready;
      return client;
    },
  };
}

/** Waits until `look` answers something, at most three seconds. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 3_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('The condition did not come true within three seconds');
    await new Promise((tick) => setTimeout(tick, 5));
  }
}
