import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { IMPATIENT, type Message, type RunningSandbox, type State, startSandbox } from '../support/sandbox.ts';
import { dataFolder, defectsOf, logOf, openDatabase, postgresPids } from '../support/sandbox-data.ts';
import { askOnce, confirmOnce } from '../support/steadfast.ts';
import {
  ask,
  cardOf,
  confirm,
  expectToldOnce,
  outcomesOf,
  sessionsOf,
  threadsOf,
  titleOf,
  untilTold,
} from '../support/story.ts';

/** What Jules and the database do wrong while a task is under way: people see the truth, and nothing is lost or doubled. */
let sandbox: RunningSandbox;
let data: Awaited<ReturnType<typeof dataFolder>>;
beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ data: data.folder, env: IMPATIENT });
  await quicken();
  await sandbox.drive('jules', { settings: { planExpiresMs: 4_000_000 } });
}, 60_000);
afterAll(async () => {
  await sandbox?.stop();
  await data.remove();
});
const quicken = () => sandbox.drive('faults', { clear: true, limits: 'off', latencyMs: 2 });
afterEach(quicken);

type Wish = { readonly prompt: string };
/** The approver's own task starts at once. */
const start = ({ prompt }: Wish) => sandbox.drive('command', { as: 'approver', name: 'jules', options: { prompt } });
const jules = (fault: object) => sandbox.drive('faults', { jules: fault });
const script = (body: object) => sandbox.drive('jules', body);
const untilCard = (wish: Wish, title: RegExp) =>
  sandbox.until(`a card that says ${title}`, (state) => {
    const card = cardOf(state, wish);
    return title.test(titleOf(card)) && card;
  });
const untilSession = (wish: Wish) => sandbox.until('a session', (state) => sessionsOf(state, wish)[0]);
const untilWord = (card: Message, word: RegExp) =>
  sandbox.until(`the word ${word}`, (state) => outcomesOf(state, card).find(({ content }) => word.test(content)));
const inThread = (state: State, card: Message) => state.messages.filter(({ channel_id }) => channel_id === card.id);
const approver = async () => (await sandbox.state()).accounts.find(({ name }) => name === 'approver')?.id;

const order = (fault: object) => sandbox.drive('faults', fault);
const untilThread = (wish: Wish) =>
  sandbox.until('a thread', (state) => {
    const card = cardOf(state, wish);
    return card && threadsOf(state, card)[0];
  });

const ILLS = [
  { kind: 'html' },
  { kind: 'rate_limited', retryAfterS: 0 },
  { kind: 'error_before' },
  { kind: 'drop_before' },
  { kind: 'slow', ms: 2500 },
] as const;

describe('a Jules that answers nonsense, refuses, breaks, hangs up or says nothing', () => {
  const CALLS = ['create', 'list', 'get', 'approve', 'activities'] as const;
  const CASES = CALLS.map((on) => ({ on, wish: { prompt: `Trouble with ${on}` } }));

  test('is waited for: each call meets each of these, and the tasks still go on', { timeout: 60_000 }, async () => {
    for (const { on } of CASES) for (const ill of ILLS) await jules({ on, ...ill });
    await Promise.all(CASES.map(({ wish }) => start(wish)));
    for (const { wish } of CASES)
      await sandbox.until(wish.prompt, (state) => /PR ready/.test(titleOf(cardOf(state, wish))), 50_000);
  });

  test('each is told in the log, with what was asked', async () => {
    const errors = (await logOf(data.folder)).map(({ error }) => error ?? '');
    for (const ask of ['create a session', 'list sessions', 'read a session', 'approve a plan', 'list activities']) {
      expect(errors.some((error) => error.startsWith('Jules') && error.includes(ask))).toBe(true);
    }
    for (const what of ['502', '429', '503', 'no answer in time']) {
      expect(errors.some((error) => error.includes(what))).toBe(true);
    }
  });

  test.for(CASES)('costs neither the link nor a second session ($on)', async ({ wish }) => {
    await sandbox.until('its outcome', (state) => {
      const card = cardOf(state, wish);
      return card && outcomesOf(state, card).length > 0;
    });
    expectToldOnce(await sandbox.state(), wish);
  });
});

describe('an end without a pull request', () => {
  test.for([
    [
      'fail',
      /^⛔ Task failed/,
      /^⛔ Task failed: The checks of the repository could not be made to pass\.\n.*\/jules/s,
    ],
    ['no_pr', /^📭 Finished without changes/, /^📭 Jules finished without changes/],
    ['patch_only', /^📦 Finished with a patch/, /^📦 Jules finished with a patch, but opened no pull request/],
  ] as const)('%s has its own face and its own word', async ([scenario, title, word]) => {
    await script({ scenario, next: true });
    const wish = { prompt: `It ends in ${scenario}` };
    await start(wish);
    const card = await untilCard(wish, title);
    const told = await untilWord(card, word);
    expect(told.mentions).toEqual([await approver()]);
  });

  test('a failure without a reason says so', async () => {
    await script({ scenario: 'fail', reason: null, next: true });
    const wish = { prompt: 'Fails in silence' };
    await start(wish);
    await untilWord(await untilCard(wish, /^⛔/), /Jules gave no reason/);
  });
});

describe('what stands still', () => {
  test('a question is put to the requester, in the thread', async () => {
    await script({ scenario: 'question', question: 'Which footer?', next: true });
    const wish = { prompt: 'It asks' };
    await start(wish);
    const card = await untilCard(wish, /^❓ Jules has a question/);
    const asked = await sandbox.until('the question', (state) =>
      inThread(state, card).find(({ content }) => content.startsWith('❓') && content.includes('Which footer?')),
    );
    expect(asked.mentions).toEqual([await approver()]);
    expect(JSON.stringify(card.embeds)).toContain('Which footer?');
  });

  test.for([
    ['paused', /^⏸️ Jules has paused/],
    ['unknown_state', /^❔ Jules is in a state that Verne does not know/],
  ] as const)('%s is shown by name', async ([scenario, title]) => {
    await script({ scenario, next: true });
    const wish = { prompt: `It is ${scenario}` };
    await start(wish);
    await untilCard(wish, title);
  });

  test('one that is cancelled meanwhile is stopped at Jules', async () => {
    const wish = { prompt: 'It is paused' };
    const card = cardOf(await sandbox.state(), wish);
    const press = {
      as: 'approver',
      message: card?.id,
      custom_id: JSON.stringify(card?.components).match(/v1:cancel:[\w-]+/)?.[0],
    };
    expect((await sandbox.drive('press', press)).reply?.content).toMatch(/Task #\d+ is cancelled\./);
    await sandbox.until('the archive', (state) => sessionsOf(state, wish)[0]?.archived);
    await untilCard(wish, /cancelled/);
  });
});

test('a plan that expired before it was approved is made again, once, and the thread says so', {
  timeout: 40_000,
}, async () => {
  const wish = { prompt: 'Too late for the plan' };
  await jules({ on: 'approve', kind: 'error_before', times: 0 });
  await start(wish);
  const session = await untilSession(wish);
  await sandbox.until('the plan', (state) => sessionsOf(state, wish)[0]?.state === 'AWAITING_PLAN_APPROVAL');
  await script({ session: session.id, do: 'state', state: 'COMPLETED' });
  await sandbox.until('a second session', (state) => sessionsOf(state, wish).length === 2);
  await quicken();
  const card = await untilCard(wish, /^✅ PR ready/);
  await untilWord(card, /^✅ PR ready/);
  const state = await sandbox.state();
  expectToldOnce(state, wish);
  expect(sessionsOf(state, wish).map(({ approved, archived }) => ({ approved, archived }))).toEqual([
    { approved: false, archived: true },
    { approved: true, archived: false },
  ]);
  expect(inThread(state, card).some(({ content }) => content.startsWith('🔁'))).toBe(true);
});

test('a session that is gone at Jules is told as a failure', async () => {
  await script({ scenario: 'hang', next: true });
  const wish = { prompt: 'Gone at Jules' };
  await start(wish);
  const { id } = await sandbox.until('work', (state) => sessionsOf(state, wish).find(({ approved }) => approved));
  await jules({ on: 'get', kind: 'not_found', times: 0, session: id });
  await script({ session: id, do: 'progress', title: 'Wakes the lane' });
  await untilWord(await untilCard(wish, /^🗑️/), /The session was deleted at Jules/);
});

test('a key that Jules refuses fails the task with a way out', async () => {
  const wish = { prompt: 'With a revoked key' };
  await jules({ on: 'create', kind: 'unauthorized' });
  await start(wish);
  await untilWord(await untilCard(wish, /^⛔/), /Jules refused the key.*\/config key/);
});

describe('a database that is away', () => {
  test('is told as not recorded, in time, and goes on where it was, frozen or stopped, though an hour passes', {
    timeout: 60_000,
  }, async () => {
    const wish = { prompt: 'Under way when the database stops' };
    await start(wish);
    await untilThread(wish);
    await order({ age: 3_600_001 });
    await order({ rest: { kind: '429', code: 30046, match: { method: 'PATCH', path: '/messages' }, times: 2 } });
    await order({ database: 'pause' });
    try {
      const startedAt = performance.now();
      const { reply } = await start({ prompt: 'Asked of nobody' });
      expect(reply?.content).toMatch(/^Not recorded: the database did not answer in time/);
      expect(performance.now() - startedAt).toBeLessThan(3000);
      await order({ database: 'stop' });
      const broken = { fault: 'database', says: 'The database is stopped' };
      expect((await sandbox.state()).faults).toContainEqual(broken);
      await new Promise((resume) => setTimeout(resume, 1000));
    } finally {
      await order({ database: 'start' });
    }
    await untilTold(sandbox, wish);
    expect((await logOf(data.folder)).some((line) => JSON.stringify(line).includes('database_late'))).toBe(true);
  });

  test('loses all its connections at once, and nothing of a task', { timeout: 60_000 }, async () => {
    const wish = { prompt: 'Under way when the database breaks' };
    // The bot may still be coming back from the outage before this one.
    const sql = await openDatabase(data.folder);
    await askOnce(sandbox, sql, wish);
    await sql.end({ timeout: 5 });
    await confirmOnce(sandbox, wish);
    await untilSession(wish);
    const workers = (await postgresPids(data.folder)).slice(1).toReversed();
    const isBackend = async (pid: number) => (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('verne_worker');
    for (const pid of workers)
      if (await isBackend(pid)) {
        process.kill(pid, 'SIGKILL');
        break;
      }
    await untilWord(await untilCard(wish, /^✅ PR ready/), /^✅/);
    expectToldOnce(await sandbox.state(), wish);
  });
});

const untilLink = (wish: Wish) =>
  sandbox.until('the link, in words', (state) => {
    const url = sessionsOf(state, wish).find(({ pullRequest }) => pullRequest)?.pullRequest;
    if (!url) return undefined;
    return state.messages.find(({ content }) => content.startsWith(`✅ PR ready: ${url}\n`));
  });

describe('a Discord that delivers twice, breaks off, and takes things away', () => {
  test('gets one card, one thread and one link a task, whatever is delivered twice, cut or put off', {
    timeout: 60_000,
  }, async () => {
    const wishes = ['one', 'two'].map((nth) => ({ prompt: `Through all of that, ${nth}` }));
    await order({ double: 2 * wishes.length });
    for (const kind of ['reset_mid_body', 'reset_before', 'error_after'])
      for (const path of ['/messages', '/threads']) await order({ rest: { kind, match: { method: 'POST', path } } });
    await order({ rest: { kind: 'reset_mid_body', match: { method: 'PATCH', path: '/messages' } } });
    await order({ rest: { kind: '429', scope: 'global', times: 1, retryAfterS: 0.2 } });
    await order({ rest: { kind: '429', scope: 'shared', times: 1, retryAfterS: 0.2 } });
    for (const wish of wishes) await ask(sandbox, wish);
    for (const wish of wishes) await confirm(sandbox, wish);
    for (const wish of wishes) await untilTold(sandbox, wish);
    expect((await sandbox.state()).faults.filter(({ fault }) => fault !== 'limits')).toEqual([]);
  });

  test('hears of the end in the channel, with the thread locked or the card deleted', async () => {
    const locked = { prompt: 'In a locked thread' };
    const deleted = { prompt: 'With a deleted card' };
    await Promise.all([start(locked), start(deleted)]);
    await order({ channel: (await untilThread(locked)).id, do: 'lock' });
    const { id, parent_id } = await untilThread(deleted);
    await order({ delete_message: id });
    await untilTold(sandbox, locked);
    expect(await untilLink(deleted)).toMatchObject({ channel_id: parent_id, mentions: [await approver()] });
  });

  test('is told on the card that a thread is locked, and in the thread what it missed when it is open again', async () => {
    await script({ scenario: 'hang', next: true });
    const wish = { prompt: 'Locked for a while' };
    await start(wish);
    const { id } = await untilThread(wish);
    const session = await untilSession(wish);
    await sandbox.until('work', (state) => sessionsOf(state, wish).find(({ approved }) => approved));
    await order({ channel: id, do: 'lock' });
    const title = 'Done behind a locked door';
    await script({ session: session.id, do: 'progress', title });
    const trouble = (state: State) => JSON.stringify(cardOf(state, wish)?.embeds).includes('It is locked or closed');
    await sandbox.until('a word on the card', trouble);
    await order({ channel: id, do: 'unlock' });
    await sandbox.until('what was missed', (state) => {
      const [missed, ...more] = state.messages.filter(({ content }) => content.includes(title));
      return missed?.channel_id === id && more.length === 0 && !trouble(state);
    });
  });

  test('hears of the end in the channel, where the bot may not read what it said, and sees the card again', async () => {
    const wish = { prompt: 'Without a past' };
    await start(wish);
    const thread = await untilThread(wish);
    const permissions = ['READ_MESSAGE_HISTORY', 'EMBED_LINKS'];
    await order({ channel: String(thread.parent_id), do: 'forbid', permissions });
    expect((await untilLink(wish)).channel_id).toBe(thread.parent_id);
    await quicken();
    await untilCard(wish, /^✅ PR ready/);
  });
});

test('nothing that the bot sent was malformed, nothing was told twice, and none of it was a defect', async () => {
  const state = await sandbox.state();
  expect(state.requests.filter(({ verdict }) => verdict && !verdict.ok)).toEqual([]);
  const links = state.messages.filter(({ content }) => content.startsWith('✅ PR ready')).map(({ content }) => content);
  expect(links).toEqual([...new Set(links)]);
  expect(await defectsOf(data.folder)).toEqual([]);
});
