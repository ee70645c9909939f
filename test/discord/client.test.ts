import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DiscordClient, discordClient } from '#discord/client.ts';
import { placeProblem } from '#discord/failure.ts';
import { changeChannel, mendChannels } from '#sandbox/discord/channel-faults.ts';
import type { RestFault } from '#sandbox/discord/faults.ts';
import { defaultWorld } from '#sandbox/discord/seed.ts';
import { createDiscord, type Discord } from '#sandbox/discord/server.ts';

const TIMEOUT_MS = 1000;
const discord: Discord = createDiscord({ latencyMs: 0, limits: { isOn: false }, world: defaultWorld() });
const { world } = discord;
const [channel] = [...world.channels.keys()];
const channelId = channel ?? '';
const person = world.accounts.get('requester')?.id ?? '';

let apiBase = '';
let client: DiscordClient;
beforeAll(async () => {
  ({ apiBase } = await discord.listen(0));
});
afterAll(() => discord.close());
beforeEach(() => {
  client = discordClient({ token: discord.token, apiBase, timeoutMs: TIMEOUT_MS });
});
afterEach(() => {
  client.close();
  discord.faults.clear();
  world.messages.clear();
});

const body = { content: 'hello', allowed_mentions: { parse: [] as [] } };
const aPost = (facts: object = {}) => ({ channelId, body, nonce: crypto.randomUUID().slice(0, 25), ...facts });
const trouble = (method: string, kind: RestFault['kind'], facts: Partial<RestFault> = {}) =>
  discord.faults.add({ match: { method }, kind, status: 500, code: 0, delayMs: 0, retryAfterS: 1, ...facts }, 1);

describe('an unknown outcome', () => {
  test.each([
    ['a broken connection', () => trouble('POST', 'reset_after'), 'network'],
    ['an answer that came too late', () => trouble('POST', 'slow', { delayMs: 3 * TIMEOUT_MS }), 'timeout'],
    ['a 500 from behind', () => trouble('POST', 'error_after', { status: 500 }), 500],
    ['a 502 from a proxy', () => trouble('POST', 'error_before', { status: 502 }), 502],
  ])('is what %s leaves', async (_what, arrange, code) => {
    arrange();
    const error = await client.post(aPost(), {}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ service: 'discord', code, retry: 'soon', unknownOutcome: true, uncounted: false });
    expect(placeProblem(error)).toBeUndefined();
  });

  test('is not what a port where nobody listens leaves', async () => {
    const nobody = createServer();
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
    const address = nobody.address();
    await new Promise((resolve) => nobody.close(resolve));
    const port = typeof address === 'object' && address ? address.port : 0;
    const lost = discordClient({
      token: discord.token,
      apiBase: `http://127.0.0.1:${port}/api`,
      timeoutMs: TIMEOUT_MS,
    });
    await expect(lost.post(aPost(), {})).rejects.toMatchObject({ unknownOutcome: false, retry: 'soon' });
    lost.close();
  });

  test('is not what a call that was stopped before it began leaves', async () => {
    const signal = AbortSignal.abort();
    await expect(client.post(aPost(), { signal })).rejects.toMatchObject({ code: 'aborted', unknownOutcome: false });
    expect(world.messages.size).toBe(0);
  });

  test('is what a call that was stopped in the middle leaves', async () => {
    trouble('POST', 'slow', { delayMs: 3 * TIMEOUT_MS });
    const stop = new AbortController();
    const posted = client.post(aPost(), { signal: stop.signal });
    world.listeners.add(() => stop.abort());
    await expect(posted).rejects.toMatchObject({ code: 'aborted', unknownOutcome: true, uncounted: true });
  });

  test('never comes from a read', async () => {
    trouble('GET', 'reset_after');
    await expect(client.readApplication()).rejects.toMatchObject({ unknownOutcome: false });
  });
});

describe('a limit', () => {
  test('that lasts goes back to the caller, uncounted, with its time', async () => {
    trouble('POST', '429', { retryAfterS: 20 });
    const error = await client.post(aPost(), {}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 429, uncounted: true, unknownOutcome: false });
    expect(error).toHaveProperty('retry.afterMs', expect.closeTo(20_000, -3));
    await expect(client.post(aPost(), {})).resolves.toMatch(/^\d+$/);
  });

  test('that is short is waited out', async () => {
    trouble('POST', '429', { retryAfterS: 0.1 });
    await expect(client.post(aPost(), {})).resolves.toMatch(/^\d+$/);
    expect(world.messages.size).toBe(1);
  });
});

test('a sender that waited too long before its socket sends nothing', async () => {
  const sendBefore = performance.now() - 1;
  await expect(client.post(aPost(), { sendBefore })).rejects.toMatchObject({
    code: 'too_late',
    retry: 'soon',
    unknownOutcome: false,
    uncounted: true,
  });
  expect(world.messages.size).toBe(0);
});

test.each([
  [50001, 403, 'forbidden'],
  [50013, 403, 'forbidden'],
  [10003, 404, 'channel_gone'],
  [10008, 404, 'message_gone'],
  [50007, 403, 'dm_closed'],
  [50083, 400, 'thread_archived'],
  [160005, 400, 'thread_locked'],
  [160006, 400, 'too_many_threads'],
  [50024, 400, 'wrong_channel'],
  [50035, 400, 'refused'],
  [200000, 400, 'refused'],
])('code %i is a problem of the place: %s %s', async (code, status, problem) => {
  trouble('POST', 'error_before', { status, code });
  const error = await client.post(aPost(), {}).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, retry: 'never', unknownOutcome: false });
  expect(placeProblem(error)).toBe(problem);
});

test('a token that Discord does not know is asked about once, not with each message', async () => {
  const stranger = discordClient({ token: 'not.a.token', apiBase, timeoutMs: TIMEOUT_MS });
  const before = world.requests.length;
  for (let count = 0; count < 3; count += 1) {
    const error = await stranger.post(aPost(), {}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 401, retry: { afterMs: 60_000 }, uncounted: true, unknownOutcome: false });
    expect(placeProblem(error)).toBeUndefined();
  }
  await expect.poll(() => world.requests.length - before).toBe(1);
  stranger.close();
});

test('the same nonce twice is one message', async () => {
  const post = aPost();
  expect(await client.post(post, {})).toBe(await client.post(post, {}));
  expect(world.messages.size).toBe(1);
});

test('whatever a body says, only the named are allowed to be pinged, and nobody by an edit', async () => {
  const since = world.requests.at(-1)?.id ?? 0;
  const loud = { content: `@everyone <@${person}>`, allowed_mentions: { parse: [] as [], users: [person] } };
  const id = await client.post(aPost({ body: loud }), {});
  expect(world.messages.get(id)?.mentions.map((user) => user.id)).toEqual([person]);
  expect(world.messages.get(id)?.mention_everyone).toBe(false);
  await client.edit({ channelId, messageId: id, body: loud }, {});
  expect(world.messages.get(id)?.mentions).toEqual([]);
  const writes = () => world.requests.filter((request) => request.id > since && request.path.includes('/messages'));
  await expect.poll(() => writes().length).toBe(2);
  for (const request of writes()) expect(request.body).toHaveProperty('allowed_mentions.parse', []);
});

test('an edit takes away what the body does not have', async () => {
  const id = await client.post(aPost({ body: { ...body, embeds: [{ title: 'old' }] } }), {});
  await client.edit({ channelId, messageId: id, body }, {});
  expect(world.messages.get(id)).toMatchObject({ content: 'hello', embeds: [] });
});

test('a thread that exists is the thread that was wanted', async () => {
  const messageId = await client.post(aPost(), {});
  const start = { channelId, messageId, name: 'a thread' };
  expect(await client.startThread(start, {})).toBe(messageId);
  expect(await client.startThread(start, {})).toBe(messageId);
});

test("the bot's own messages of a span are listed, across pages, oldest first", async () => {
  const ids: string[] = [];
  const since = new Date(world.now() - 1000);
  for (let count = 0; count < 130; count += 1) ids.push(await client.post(aPost(), {}));
  const author = world.users.get(person);
  const last = world.messages.get(ids.at(-1) ?? '');
  if (author && last) world.messages.set('1', { ...last, id: world.newId(), author });
  const listed = await client.ownMessages({ channelId, since, until: new Date(world.now() + 1000) }, {});
  expect(listed.map(({ id }) => id)).toEqual(ids);
  const later = new Date(world.now() + 60_000);
  expect(await client.ownMessages({ channelId, since: later, until: later }, {})).toEqual([]);
});

describe('an answer to an interaction', () => {
  const response = { type: 5 as const, data: { flags: 64 } };
  const callback = { method: 'POST', path: '/callback' };
  const answer = () => client.answerInteraction({ id: '1190000000000000099', token: 'a-token', response });

  test('that was given before counts as given', async () => {
    trouble('POST', 'error_before', { match: callback, status: 400, code: 40060 });
    expect(await answer()).toBe('answered');
  });

  test('that comes too late is said to be late', async () => {
    trouble('POST', 'error_before', { match: callback, status: 404, code: 10062 });
    expect(await answer()).toBe('too_late');
  });
});

describe('a permission that the bot lost in a channel', () => {
  const lose = (permissions: string[]) => changeChannel(world, { channel: channelId, do: 'forbid', permissions });
  afterEach(() => mendChannels(world));
  const card = { embeds: [{ title: 'card' }], allowed_mentions: { parse: [] as [] } };

  test('to read its history costs an answer what it answers, not its words', async () => {
    const first = await client.post(aPost(), {});
    lose(['READ_MESSAGE_HISTORY']);
    const id = await client.post(aPost({ replyTo: first }), {});
    expect(world.messages.get(id)).toMatchObject({ content: 'hello', type: 0 });
    expect(world.messages.size).toBe(2);
  });

  test('to embed is a place that is closed, though Discord takes the edit', async () => {
    const messageId = await client.post(aPost({ body: card }), {});
    lose(['EMBED_LINKS']);
    const edit = (content: string) =>
      client.edit({ channelId, messageId, body: { ...card, content } }, {}).catch(placeProblem);
    expect(await edit('words')).toBe('forbidden');
    expect(world.messages.get(messageId)).toMatchObject({ content: 'words', embeds: [] });
    expect(await edit('')).toBe('forbidden');
    mendChannels(world);
    expect(await edit('')).toBeUndefined();
    expect(world.messages.get(messageId)?.embeds).toHaveLength(1);
  });

  test('is not what a person means who takes the embeds of a message away', async () => {
    const messageId = await client.post(aPost({ body: card }), {});
    lose(['EMBED_LINKS']);
    const message = world.messages.get(messageId);
    if (message) message.flags = 4;
    await client.edit({ channelId, messageId, body: { ...card, content: 'words' } }, {});
  });
});
