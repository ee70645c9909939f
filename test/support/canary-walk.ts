import { expect } from 'vitest';
import { setUp } from '#sandbox/first-start.ts';
import { signed } from '../http/support.ts';
import { windowsIn } from './canary.ts';
import { type CanaryWorld, dumpOf, METRICS_TOKEN, type Place, placesOf } from './canary-world.ts';
import { type Armed, CALL_NAMES, ILLS } from './echoing-ills.ts';
import { aModal } from './interaction.ts';
import { enterByDialogs } from './key-dialogs.ts';
import { cardsOf } from './sandbox.ts';
import { SECRETS } from './secrets.ts';
import { cardOf, confirm, titleOf } from './story.ts';

/** Of no maker's shape, with what JSON, URLs and base64 write in other ways; nothing else in a world looks like it. */
export const CANARY = 'c4nARy"7\\Qz+w/9=xB%5&Tt0-mN6_vR2~yH8';
/** As Google's keys look. */
export const SHAPED = `AIza${'Zq7Xw3Vr9Kp2'.repeat(3).slice(0, 35)}`;
const GARBLED = `${CANARY} ${CANARY}`;

type Guilds = { readonly guilds: readonly { id: string; roles: readonly { id: string; name: string }[] }[] };

/** By the dialog, as an administrator does. */
async function enterServerKey(world: CanaryWorld) {
  const { guilds } = (await world.state()) as unknown as Guilds;
  const { id: guild = '', roles = [] } = guilds[0] ?? {};
  const role = (name: string) => roles.find((one) => one.name === name)?.id ?? '';
  const named = { create: role('Developer'), confirm: role('Release approver') };
  // Discord waits three seconds for an answer; a machine that is busy with other tests may take longer.
  const setting = () =>
    setUp(world.origin, { roles: named, keys: [{ key: CANARY }], repo: 'octo-org/website' }).then(
      () => true,
      () => false,
    );
  await world.until('the server to be set up', setting, 30_000);
  return { guild };
}

async function enterKeys(world: CanaryWorld, extra: Place[]) {
  const { guild } = await enterServerKey(world);
  const approver = (await world.state()).accounts.find(({ name }) => name === 'approver')?.id ?? '';
  const owner = ['--guild', guild, '--person', approver];
  extra.push(
    ['keys set', (await world.run('keys', ['set', ...owner, '--plan', 'ultra'], `${SHAPED}\n`)).said],
    ['keys set, malformed', (await world.run('keys', ['set', ...owner], GARBLED)).said],
    ['keys set, as a word', (await world.run('keys', ['set', ...owner, CANARY])).said],
    ['keys set, as an option', (await world.run('keys', ['set', ...owner, `--${SHAPED}`])).said],
    ['keys list', (await world.run('keys', ['list'])).said],
  );
  return { guild };
}

/** The same dialog over the HTTP door, with a key that cannot be taken, and requests that nobody may make. */
async function knock(world: CanaryWorld, extra: Place[]) {
  const http = world.httpOrigin();
  const person = { id: '1300000000000000029' };
  for (const key of [GARBLED, CANARY]) {
    const payload = JSON.stringify(aModal(person, 'v1:key-enter:server', key));
    const answer = await fetch(`${http}/interactions`, signed(payload));
    extra.push([`a dialog over HTTP (${answer.status})`, await answer.text()]);
    const forged = await fetch(`${http}/interactions`, signed(payload, { isForged: true }));
    extra.push([`a forged dialog (${forged.status})`, await forged.text()]);
  }
  for (const path of ['metrics', 'healthz', 'readyz', 'openapi.json', `nowhere?key=${encodeURIComponent(CANARY)}`]) {
    const answer = await fetch(`${http}/${path}`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
    // What a caller wrote may come back to them; here it does not either.
    extra.push([`/${path.slice(0, 12)} (${answer.status})`, await answer.text()]);
  }
}

/** One task by each person, the approver's with their own key. */
async function ask(world: CanaryWorld, prompt: string, as: 'approver' | 'requester' = 'approver') {
  const { error } = await world.drive('command', { as, name: 'jules', options: { prompt } });
  // Nobody answered in time: it may have been recorded all the same, and asked twice it is there twice.
  if (error) await world.drive('command', { as, name: 'jules', options: { prompt } });
}

async function askAsRequester(world: CanaryWorld, prompt: string) {
  await ask(world, prompt, 'requester');
  const sandbox = {
    drive: world.drive,
    until: <Found>(what: string, look: (state: never) => Found) =>
      world.until(what, async () => look((await world.state()) as never)),
  };
  await confirm(sandbox as never, { prompt });
}

const ended = /^(?:✅|⛔|📭|📦|⚠️)/;
const isEnded = (world: CanaryWorld, prompt: string) => async () =>
  ended.test(titleOf(cardOf(await world.state(), { prompt })));

async function walkIlls(world: CanaryWorld, ills: readonly Armed[]) {
  world.ills.arm(...ills);
  const deadline = performance.now() + 30_000 + ills.length * 3000;
  for (let at = 0; world.ills.left().length > 0; at += 2) {
    const [mine, theirs] = [`Walk ${at} through what Jules answers;`, `Walk ${at + 1} through what Jules answers;`];
    await Promise.all([ask(world, mine), askAsRequester(world, theirs)]);
    const both = async () => (await isEnded(world, mine)()) && (await isEnded(world, theirs)());
    await world.until(
      'the ills to happen or the tasks to end',
      async () => world.ills.left().length === 0 || (await both()),
    );
    if (performance.now() > deadline) throw new Error(`still armed: ${JSON.stringify(world.ills.left())}`);
  }
}

/** A key that Jules refuses for good: who entered it hears of it. */
async function refuseKeys(world: CanaryWorld) {
  const before = world.ills.echoes();
  world.ills.arm(...CALL_NAMES.map((call) => ({ call, ill: '401', isLasting: true })));
  await ask(world, 'Refused from the start;');
  await world.until('the refusal', () => world.ills.echoes() > before);
  await world.until('the word to whoever entered it', async () =>
    (await world.state()).messages.some(({ content }) => content.includes('Jules refuses the key')),
  );
  world.ills.clear();
}

/** Work that is given up after its tries, while Jules says all sorts of things. */
async function letDie(world: CanaryWorld, extra: Place[]) {
  world.ills.arm(
    { call: 'activities', ill: '500', isLasting: true },
    { call: 'list', ill: 'no JSON', isLasting: true },
  );
  await ask(world, 'Slow to follow;');
  await world.db.sql`select verne.publish_event('session.opened', 'task:nonsense', '{}', '{"source": "tasks"}')`;
  await world.until(
    'a dead letter',
    async () => (await world.db.sql`select from verne.deliveries where state = 'dead'`).length > 0,
    30_000,
  );
  world.ills.clear();
  const dead = await world.db.sql<{ id: string }[]>`select id::text from verne.deliveries where state = 'dead'`;
  for (const { id } of dead) extra.push(['events show', (await world.run('events', ['show', id, '--json'])).said]);
  extra.push(['events list', (await world.run('events', ['list', '--json'])).said]);
}

/** A kill, and starts that are refused. */
async function crash(world: CanaryWorld, extra: Place[]) {
  await world.end('SIGKILL');
  const other = Buffer.alloc(32, 9).toString('base64');
  for (const masters of [`1:${other}`, `2:${other}`, `1:${CANARY}`]) {
    const { code, said } = await world.startWrongly({ VERNE_MASTER_KEYS: masters });
    expect(code).not.toBe(0);
    extra.push(['a start that is refused', said]);
    expect(said).not.toContain(other);
  }
  await world.start();
}

export type Walked = { readonly places: readonly Place[]; readonly echoes: number; readonly bytes: number };

/** Leads two keys through every flow and every error, and gives back all that was let out or kept. */
export async function walk(world: CanaryWorld, ills: readonly Armed[]): Promise<Walked> {
  const extra: Place[] = [];
  const { guild } = await enterKeys(world, extra);
  const stories = ['Walk with a key of my own;', 'Walk with the key of the server;'] as const;
  await Promise.all([ask(world, stories[0]), askAsRequester(world, stories[1])]);
  for (const prompt of stories) await world.until('its end', isEnded(world, prompt), 30_000);
  await walkIlls(world, ills);
  await refuseKeys(world);
  await letDie(world, extra);
  await crash(world, extra);
  await enterByDialogs(world, [CANARY, GARBLED], extra);
  await knock(world, extra);
  extra.push(['audit export', (await world.run('audit', ['export', '--guild', guild])).said]);
  extra.push(['keys remove', (await world.run('keys', ['remove', '--guild', guild])).said]);
  const places = await placesOf(world, extra);
  return { places, echoes: world.ills.echoes(), bytes: places.reduce((sum, [, text]) => sum + text.length, 0) };
}

/** The same without what takes long: scripts, dead letters, kills. */
export async function shortWalk(world: CanaryWorld, ills: readonly Armed[]): Promise<Walked> {
  const extra: Place[] = [];
  await enterServerKey(world);
  await walkIlls(world, ills);
  await refuseKeys(world);
  await knock(world, extra);
  const places = await placesOf(world, extra);
  return { places, echoes: world.ills.echoes(), bytes: places.reduce((sum, [, text]) => sum + text.length, 0) };
}

/** Where values are found, with what of them. */
export const hitsIn = (places: readonly Place[], ...values: readonly string[]): string[] =>
  places.flatMap(([where, text]) => [...new Set(windowsIn(text, ...values))].map((found) => `${where}: ${found}`));

export const allIlls = (): Armed[] => CALL_NAMES.flatMap((call) => Object.keys(ILLS).map((ill) => ({ call, ill })));

/** Each ill once, and each call at least twice. */
export const someIlls = (): Armed[] =>
  Object.keys(ILLS).map((ill, at) => ({ ill, call: CALL_NAMES[at % CALL_NAMES.length] ?? '' }));

/** What of it nobody may see: where a secret is an address, how that begins is known to all. */
export const PRIVATE_PARTS = SECRETS.map(([, secret]) => secret.replace(/^https:\/\/[a-z./]+\//, ''));

/** Somebody writes secrets into a prompt. What shows it, names it or tells of it does so without them. */
export async function promptWithSecrets(world: CanaryWorld): Promise<readonly Place[]> {
  const secrets = SECRETS.map(([kind, secret]) => `${kind}: ${secret}`);
  // Jules repeats how a prompt begins, cut anywhere: half a secret has no shape. So where it runs, they come later.
  const leadIn = 'Exchange what is said below, in every environment, and tell nobody:';
  for (let at = 0; at < secrets.length; at += 3) {
    const words = `${secrets.slice(at, at + 3).join(' ')} and prompt ${at}`;
    await ask(world, `${leadIn} ${words}`);
    await ask(world, words, 'requester');
  }
  const count = Math.ceil(secrets.length / 3);
  await world.until(
    'their ends',
    async () => {
      const ended = await world.db.sql`
      select from public.tasks where prompt like ${`${leadIn}%`} and status not in ('pending_confirmation', 'in_progress')`;
      return ended.length >= count;
    },
    45_000,
  );
  await world.until('their cards', async () => cardsOf(await world.state()).length >= 2 * count);
  const sent = world.toDiscord.heard.map(({ path, body }) => `${path} ${body}`);
  return [
    ['the log', world.said()],
    ['what Discord was sent', sent.join('\n')],
    // Jules is asked with the whole prompt, so it must be kept.
    ['a dump of the database', await dumpOf(world.db.sql, { 'public.tasks': ['prompt'] })],
  ];
}
