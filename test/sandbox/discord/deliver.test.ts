import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { verifyKey } from 'discord-interactions';
import { afterEach, expect, test, vi } from 'vitest';
import { freePort, httpDoor } from '#sandbox/discord/deliver.ts';
import { createInteract } from '#sandbox/discord/interact.ts';
import type { Command } from '#sandbox/discord/model.ts';
import { defaultWorld } from '#sandbox/discord/seed.ts';
import { createDiscord } from '#sandbox/discord/server.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

type Payload = { readonly id: string; readonly token: string; readonly type: number };
type Given = { readonly payload: Payload; readonly isGenuine: boolean; readonly apiBase: string };
type Answer = { readonly status: number; readonly body?: unknown };
type Bot = (given: Given) => Answer | Promise<Answer>;

const PONG: Answer = { status: 200, body: { type: 1 } };
const REFUSED: Answer = { status: 401 };
const ASK = { as: 'requester', name: 'ping', options: {}, channel: 'jules' };

const header = ({ headers }: IncomingMessage, name: string) => String(headers[name] ?? '');

/** The simulated Discord, and a bot of a few lines that verifies with the package that Discord publishes. */
async function stage(bot: Bot) {
  const world = defaultWorld({ answerWithinMs: 400 });
  const command = { id: world.newId(), application_id: world.bot.id, version: '1', name: 'ping', description: 'p' };
  world.commands.set(command.id, { ...command, type: 1 } as Command);
  const discord = createDiscord({ world, latencyMs: 0 });
  open.push(() => discord.close());
  const { apiBase } = await discord.listen(0);
  const heard: boolean[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const [signature, timestamp] = ['x-signature-ed25519', 'x-signature-timestamp'].map((name) =>
      header(request, name),
    );
    const isGenuine = await verifyKey(body, signature ?? '', timestamp ?? '', door.publicKey);
    heard.push(isGenuine);
    const payload = JSON.parse(body.toString('utf8')) as Payload;
    const answer = await bot({ payload, isGenuine, apiBase });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/interactions`;
  const door = httpDoor(world, url);
  return { world, door, heard, interact: createInteract(world, { deliver: door.deliver, settleMs: 300 }) };
}

const honest =
  (body: unknown): Bot =>
  ({ payload, isGenuine }) => {
    if (!isGenuine) return REFUSED;
    return payload.type === 1 ? PONG : { status: 200, body };
  };

const noAnswer = 'The application did not respond';

test('the package that Discord publishes accepts what the sandbox signs, and finds the forged one', async () => {
  const { door, heard, interact } = await stage(honest({ type: 4, data: { content: 'pong', flags: 64 } }));
  expect(await door.isProven()).toBe(true);
  expect(heard).toEqual([true, false]);
  const { reply } = await interact.command(ASK);
  expect(reply).toMatchObject({ content: 'pong', flags: 64 });
  expect(heard).toEqual([true, false, true]);
});

test('an address where nobody listens is not proven yet', async () => {
  const world = defaultWorld();
  expect(await httpDoor(world, `http://127.0.0.1:${await freePort()}/`).isProven()).toBe(false);
});

test.each<[string, Bot]>([
  ['accepts everything', () => PONG],
  ['refuses everything', () => REFUSED],
  ['answers a PING with a message', ({ isGenuine }) => (isGenuine ? { status: 200, body: { type: 4 } } : REFUSED)],
  ['answers 400 to a bad signature', ({ isGenuine }) => (isGenuine ? PONG : { status: 400 })],
])('Discord does not take the address of a bot that %s', async (_, bot) => {
  const { door } = await stage(bot);
  await expect(door.isProven()).rejects.toThrow(/^the bot answered/);
});

test('an inline answer is judged and logged like one that comes by callback', async () => {
  const { world, interact } = await stage(honest({ type: 4, data: { content: 'x'.repeat(2001) } }));
  await expect(interact.command(ASK)).rejects.toThrow(noAnswer);
  expect(world.requests.at(-1)).toMatchObject({
    path: '/interactions (answered inline)',
    status: 400,
    verdict: { ok: false },
  });
});

test('an answer with a misspelt key is refused, and the key is named', async () => {
  const { world, interact } = await stage(honest({ type: 4, data: { content: 'pong', allowedMentions: {} } }));
  await expect(interact.command(ASK)).rejects.toThrow(noAnswer);
  const { status, verdict } = world.requests.at(-1) ?? {};
  expect([status, verdict?.errors]).toEqual([400, [expect.stringContaining('body.data.allowedMentions: ')]]);
});

test.each<[string, Bot]>([
  ['with an error', () => ({ status: 500 })],
  ['that the signature is bad', () => REFUSED],
  ['without JSON', () => ({ status: 200, body: '<html>' })],
  ['with a type that does not fit', honest({ type: 8, data: { choices: [] } })],
  ['too late', () => new Promise((resume) => setTimeout(() => resume({ status: 200, body: { type: 5 } }), 600))],
])('who answers %s has not answered', async (_, bot) => {
  const { interact, world } = await stage(bot);
  await expect(interact.command(ASK)).rejects.toThrow(noAnswer);
  expect([...world.interactions.values()].map(({ state }) => state)).toEqual(['failed']);
  expect([...world.messages.values()]).toEqual([]);
});

test('who answers 202 may answer by callback', async () => {
  const { interact } = await stage(async ({ payload, apiBase }) => {
    const body = JSON.stringify({ type: 4, data: { content: 'by callback' } });
    const url = `${apiBase}/v10/interactions/${payload.id}/${payload.token}/callback`;
    const headers = { 'content-type': 'application/json' };
    setTimeout(() => void fetch(url, { method: 'POST', headers, body }), 20);
    return { status: 202 };
  });
  const { reply } = await interact.command(ASK);
  expect(reply?.content).toBe('by callback');
});

test('the same signed request may be delivered twice: the first answer counts, and the second changes nothing', async () => {
  const heard: string[] = [];
  const { interact, world } = await stage(({ payload, isGenuine }) => {
    heard.push(`${payload.id} ${isGenuine}`);
    const content = heard.length === 1 ? 'first' : 'second';
    return { status: 200, body: { type: 4, data: { content } } };
  });
  world.doubled = 1;
  const { reply } = await interact.command(ASK);
  expect(reply?.content).toBe('first');
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  await new Promise((settled) => setTimeout(settled, 50));
  expect(world.requests.map(({ status }) => status)).toEqual([200]);
  expect(heard[0]).toBe(heard[1]);
  expect([...world.interactions.values()].map(({ state }) => state)).toEqual(['answered']);
  expect([...world.messages.values()].map(({ content }) => content)).toEqual(['first']);
  expect(world.doubled).toBe(0);
});
