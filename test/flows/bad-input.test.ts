import type { Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { cardsOf, idOf, type Message, type RunningSandbox, type State, startSandbox } from '../support/sandbox.ts';
import { dataFolder, defectsOf, logOf, openDatabase } from '../support/sandbox-data.ts';
import { cardOf, outcomesOf, titleOf } from '../support/story.ts';

/** What people do wrong, and what Discord withholds. Each is met with a sentence, and leaves its entry in the audit. */
let sandbox: RunningSandbox;
let data: Awaited<ReturnType<typeof dataFolder>>;
let sql: Sql;
beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ data: data.folder });
  sql = await openDatabase(data.folder);
  await quicken();
}, 60_000);
afterAll(async () => {
  await sql?.end({ timeout: 5 });
  await sandbox?.stop();
  await data.remove();
});
const quicken = () => sandbox.drive('faults', { clear: true, limits: 'off', latencyMs: 2 });
afterEach(quicken);

type Wish = { prompt: string; repo?: string; branch?: string };
const ask = (wish: Wish, as = 'requester', channel?: string) =>
  sandbox.drive('command', { as, name: 'jules', options: wish, ...(channel && { channel }) });
const askForCard = async (wish: Wish, as?: string, channel?: string): Promise<Message> => {
  await ask(wish, as, channel);
  return sandbox.until('the card', (state) => cardOf(state, wish));
};
const press = (as: string, card: Message, what: RegExp) =>
  sandbox.drive('press', { as, message: card.id, custom_id: idOf(card, what) });
const untilTitle = (wish: Wish, title: RegExp) =>
  sandbox.until(`a card that says ${title}`, (state) => {
    const card = cardOf(state, wish);
    return title.test(titleOf(card)) && card;
  });
const dms = ({ messages, channels }: State) =>
  messages.filter(({ channel_id }) => channels.some(({ id, type }) => id === channel_id && type === 1));
const newestAudit = async () => {
  const [row] = await sql<{ operation: string; outcome: string; actor_id: string }[]>`
    select operation, outcome, actor_id from verne.audit_log order by at desc, seq desc limit 1`;
  return row;
};
const idOfAccount = async (name: string) => (await sandbox.state()).accounts.find((one) => one.name === name)?.id;

const REFUSED: readonly (readonly [string, Wish, RegExp, string])[] = [
  ['a blank prompt', { prompt: '   ' }, /The prompt is empty\. Say what/, 'refused: empty_prompt'],
  [
    'a prompt that nobody can see',
    { prompt: '\u200b\u202e\u{e0041}\0 ' },
    /The prompt is empty/,
    'refused: empty_prompt',
  ],
  [
    'a prompt with a second text in tags, which only a machine reads',
    { prompt: 'Mend it \u{e0041}\u{e0042}' },
    /nobody can see \(Unicode tags\)/,
    'refused: hidden_text',
  ],
  [
    'what is no repository',
    { prompt: 'x', repo: 'the website' },
    /not a repository\. Write it as/,
    'refused: malformed_repo',
  ],
  ['a way out of a repository', { prompt: 'x', repo: 'octo-org/..' }, /not a repository/, 'refused: malformed_repo'],
  [
    'an unknown repository',
    { prompt: 'x', repo: 'octo-org/nowhere' },
    /cannot reach `octo-org\/nowhere`.*octo-org\/api/,
    'refused: unknown_repo',
  ],
  [
    'a branch that cannot be',
    { prompt: 'x', branch: '--upload-pack=x' },
    /not a branch name/,
    'refused: malformed_branch',
  ],
  ['an unknown branch', { prompt: 'x', branch: 'nope' }, /has no branch `nope`.*`develop`/, 'refused: unknown_branch'],
];

test.for(REFUSED)(
  '%s is refused with a sentence, audited, and nothing is recorded',
  async ([, wish, sentence, outcome]) => {
    const before = await sandbox.state();
    const { reply } = await ask(wish);
    expect(reply?.flags).toBe(64);
    expect(reply?.content).toMatch(sentence);
    expect(await newestAudit()).toEqual({
      operation: 'task.create',
      outcome,
      actor_id: await idOfAccount('requester'),
    });
    const [tasks] = await sql<{ count: number }[]>`select count(*)::int as count from public.tasks`;
    expect(tasks?.count).toBe(cardsOf(before).length);
  },
);

test('a prompt over the limit does not leave the client', async () => {
  expect((await ask({ prompt: 'x'.repeat(6001) })).error).toContain('6000');
});

test.for([
  ['everybody', 'Wake @everyone and @here'],
  ['people and roles', 'Call <@1> <@&2> <#3> </jules:4>'],
  ['a fence that ends early', 'Fence ```\n# Big\n``` @everyone'],
  ['what turns text around', 'Turn \u202earound\u2066 and hide'],
  ['NUL and half a character', 'Half \ud83d and \0nul'],
] as const)('a prompt with %s is recorded, shown harmlessly, and wakes nobody', async ([, prompt]) => {
  const word = prompt.split(' ')[0] ?? '';
  const { reply } = await ask({ prompt });
  expect(reply?.content).toContain('recorded');
  const card = await sandbox.until('the card', (state) => cardOf(state, { prompt: word }));
  expect(card.mentions).toEqual([]);
  const shown = JSON.stringify(card.embeds);
  expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|\\u0000|\\ud83d|\udb40/);
  expect(shown.match(/```/g)?.length ?? 0).toBeLessThanOrEqual(2);
  await press('requester', card, /cancel/);
  await untilTitle({ prompt: word }, /cancelled/);
});

test('hidden characters of a prompt are counted on its card', async () => {
  await ask({ prompt: 'Count\u200b\u200b\u202e them' });
  const card = await sandbox.until('the card', (state) => cardOf(state, { prompt: 'Count them' }));
  expect(JSON.stringify(card.embeds)).toMatch(/3 hidden/);
});

test('a decision is made once: pressed twice at once, or on a card that is out of date', async () => {
  const wish = { prompt: 'Decide once' };
  const card = await askForCard(wish);
  // The card is not brought up to date while they press.
  const path = `/messages/${card.id}`;
  await sandbox.drive('faults', { rest: { match: { method: 'PATCH', path }, kind: 'late', delayMs: 700, times: 9 } });
  const both = await Promise.all([press('approver', card, /confirm/), press('approver', card, /confirm/)]);
  // One person's press that arrives twice is one press.
  expect(both.map(({ reply }) => reply)).toEqual([undefined, undefined]);
  const late = await press('approver', card, /reject/);
  expect(late.modal).toBeUndefined();
  expect(late.reply?.content).toMatch(/Too late for task #\d+\. Already confirmed by <@\d+>/);
  await quicken();
  const done = await untilTitle(wish, /PR ready/);
  expect(idsOf(done)).not.toMatch(/confirm|reject|cancel/);
  expect((await sandbox.state()).sessions.filter(({ title }) => title.startsWith(wish.prompt))).toHaveLength(1);
});
const idsOf = (card: Message) => JSON.stringify(card.components);

test('a confirmation and a cancellation at once have one winner', async () => {
  const wish = { prompt: 'Cancel or confirm' };
  const card = await askForCard(wish);
  const path = `/messages/${card.id}`;
  await sandbox.drive('faults', { rest: { match: { method: 'PATCH', path }, kind: 'late', delayMs: 500 } });
  await press('requester', card, /cancel/);
  const { reply } = await press('approver', card, /confirm/);
  expect(reply?.content).toMatch(/Too late for task #\d+\. Already cancelled by <@\d+>/);
  await untilTitle(wish, /cancelled/);
});

test('W17: an answer that comes too late for Discord is no answer, but the task is recorded and its card comes', async () => {
  await sandbox.drive('faults', { latencyMs: 400 });
  const wish = { prompt: 'Answered too late' };
  const asked = ask(wish);
  await sandbox.until('the question', ({ interactions }) => interactions.some(({ state }) => state === 'waiting'));
  await sandbox.drive('faults', { tokens: 'expire' });
  await quicken();
  expect((await asked).error).toMatch(/did not respond/);
  await sandbox.until('the card', (state) => cardOf(state, wish));
  expect((await logOf(data.folder)).some(({ msg }) => msg === 'Discord no longer waited for the answer')).toBe(true);
});

test('where the bot may not write, nothing is recorded and the sentence says what it lacks', async () => {
  await sandbox.drive('faults', { channel: 'general', do: 'forbid' });
  const { reply } = await ask({ prompt: 'Hush' }, 'requester', 'general');
  expect(reply?.content).toMatch(/nothing was recorded: I lack Send Messages.*another channel/);
  expect(await newestAudit()).toMatchObject({ outcome: 'refused: bot_lacks_permission' });
  await sandbox.drive('faults', { channel: 'general', do: 'forbid', permissions: ['CREATE_PUBLIC_THREADS'] });
  const wish = { prompt: 'Without a thread' };
  const answer = await ask(wish, 'approver', 'general');
  expect(answer.reply?.content).toMatch(/cannot open a thread here \(missing: Create Public Threads\)/);
  await untilTitle(wish, /PR ready/);
});

test('a channel that is forbidden in between costs nobody the link: it comes by direct message and says why', async () => {
  const wish = { prompt: 'Forbidden midway' };
  await askForCard(wish, 'approver', 'general');
  await sandbox.drive('faults', { channel: 'general', do: 'forbid' });
  const link = await sandbox.until('the link', (state) =>
    dms(state).find(({ content }) => content.startsWith('✅ PR ready: https://') && content.includes('Meant for <#')),
  );
  expect(link.content).toContain('lacks the permission');
});

test('a rejection reaches a requester whose direct messages are closed in the channel', async () => {
  await sandbox.drive('faults', { dms: 'closed', for: 'requester' });
  const card = await askForCard({ prompt: 'Closed doors' });
  const { modal } = await press('approver', card, /reject/);
  const field = idOf({ components: modal?.components ?? [] }, /./);
  await sandbox.drive('modal', {
    as: 'approver',
    custom_id: modal?.custom_id,
    fields: { [field]: 'Not now' },
    message: card.id,
  });
  const told = await sandbox.until('the word', (state) =>
    outcomesOf(state, card).find(({ content }) => content.includes('Not now')),
  );
  expect(told.mentions).toEqual([await idOfAccount('requester')]);
});

test('a rejection without a reason decides nothing', async () => {
  const card = await askForCard({ prompt: 'No reason' });
  const { modal } = await press('approver', card, /reject/);
  const field = idOf({ components: modal?.components ?? [] }, /./);
  const { reply } = await sandbox.drive('modal', {
    as: 'approver',
    custom_id: modal?.custom_id,
    fields: { [field]: '  ' },
    message: card.id,
  });
  expect(reply?.content).toMatch(/needs a reason, so nothing was decided/);
  expect(await newestAudit()).toMatchObject({ outcome: 'refused: no_reason' });
  expect(titleOf(cardOf(await sandbox.state(), { prompt: 'No reason' }))).toMatch(/Requested/);
});

test('a channel that is deleted takes its cards along, and the requester still hears the end', async () => {
  const wish = { prompt: 'Deleted midway' };
  await askForCard(wish, 'approver', 'general');
  await sandbox.drive('faults', { channel: 'general', do: 'delete' });
  const link = await sandbox.until('the link', (state) =>
    dms(state).find(
      ({ content }) => content.startsWith('✅ PR ready: https://') && content.includes('channel is gone'),
    ),
  );
  expect(link.content).toMatch(/Meant for <#\d+>/);
});

test.for(['drop', 'reconnect', 'invalid_session'])(
  'after the gateway says %s, people are heard again',
  async (gateway) => {
    await sandbox.drive('faults', { gateway });
    const wish = { prompt: `After ${gateway}` };
    await expect.poll(async () => (await ask(wish)).reply?.content, { timeout: 20_000 }).toContain('recorded');
    await sandbox.until('its card', (state) => cardOf(state, wish));
  },
);

test('of a channel that was deleted the ledger says so, and what was given up is sent once more where one asks', async () => {
  const [{ number } = { number: 0 }] = await sql<{ number: number }[]>`
    select number from public.tasks where prompt = 'Deleted midway'`;
  const ledger = async (): Promise<Message> => {
    const options = { number, view: 'delivery' };
    const { reply } = await sandbox.drive('command', { as: 'approver', name: 'task', options });
    if (!reply) throw new Error('no ledger');
    return reply;
  };
  const before = await ledger();
  expect(before.embeds[0]?.description).toContain('The channel is gone.');
  expect((await press('approver', before, /send-again:\d+\.\d+\.here/)).reply?.content).toMatch(/^📨 It is owed again/);
  const again = await press('approver', before, /send-again:\d+\.\d+\.here/);
  expect(again.reply?.content).toMatch(/^This message is not given up/);
  await expect
    .poll(async () => (await ledger()).embeds[0]?.description, { timeout: 20_000 })
    .toMatch(/asked for again/);
});

test('a list of tasks turns its pages in place, and a timeline ends with how long it took', async () => {
  const { reply: first } = await sandbox.drive('command', { as: 'requester', name: 'tasks', options: {} });
  if (!first) throw new Error('no list');
  const numbers = (message?: Message) =>
    [...(message?.embeds[0]?.description ?? '').matchAll(/^\*\*#(\d+)/gm)].map(([, number]) => Number(number));
  expect(numbers(first)).toHaveLength(8);
  await press('requester', first, /v1:tasks:.*\.b\d+/);
  const shown = async () => (await sandbox.state()).messages.find(({ id }) => id === first.id);
  await expect
    .poll(async () => numbers(await shown())[0], { timeout: 20_000 })
    .toBeLessThan(numbers(first).at(-1) ?? 0);
  const { reply: timeline } = await sandbox.drive('command', {
    as: 'requester',
    name: 'task',
    options: { number: numbers(first)[0] },
  });
  expect(timeline?.embeds[0]?.description).toContain('🧠 asked for by');
});

test('without a key, and without roles, each hears who can change that', async () => {
  const panel = (await sandbox.drive('command', { as: 'approver', name: 'config key', options: {} })).reply;
  if (!panel) throw new Error('no panel');
  await press('approver', panel, /key-remove:server/);
  await sandbox.drive('press', { as: 'approver', message: panel.id, custom_id: 'v1:key-revoke:server' });
  const { reply } = await ask({ prompt: 'No key' });
  expect(reply?.content).toMatch(/no Jules key to work with, so nothing was recorded.*\/config key/);
  expect((await newestAudit())?.outcome).toMatch(/^refused: no_key/);
  const roles = (await sandbox.drive('command', { as: 'approver', name: 'config roles', options: {} })).reply;
  for (const which of ['create', 'confirm']) {
    await sandbox.drive('press', { as: 'approver', message: roles?.id, custom_id: `v1:roles:${which}`, values: [] });
  }
  const refused = (await ask({ prompt: 'No roles' })).reply;
  expect(refused?.content).toMatch(/You may not start tasks here: no roles are set.*Manage Server.*\/config roles/);
  expect(await newestAudit()).toMatchObject({ outcome: 'refused: not_permitted' });
});

test('nothing that the bot sent was malformed, and none of it was a defect', async () => {
  const { requests } = await sandbox.state();
  expect(requests.filter(({ verdict }) => verdict && !verdict.ok)).toEqual([]);
  expect(await defectsOf(data.folder)).toEqual([]);
});
