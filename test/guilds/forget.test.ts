// G10
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderTaskCard } from '#discord/cards/task.ts';
import { readHeads } from '#guilds/audit.ts';
import { taskId } from '#kernel/ids.ts';
import { forgetPerson } from '#tasks/forget-person.ts';
import { readTask } from '#tasks/read-task.ts';
import { anActor } from '../support/actors.ts';
import { verdictOn } from '../support/chains.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aHome, aTracedPerson, dumpOf, HOME, type Traced, tracesIn } from '../support/forgettable.ts';
import { runScript } from '../support/scripts.ts';
import { anApprover, aRequester, aTask, CONFIRM_ROLE, CREATE_ROLE } from '../support/tasks.ts';

let db: TestDatabase;
let leaver: Traced;
let stayer: Traced;
beforeAll(async () => {
  db = await freshDatabase();
  await aHome(db);
  leaver = await aTracedPerson(db, 1);
  stayer = await aTracedPerson(db, 2);
});
afterAll(() => db?.close());

const OPERATOR = anActor({ id: 'operator', door: 'operator', guild: null, channel: null });

test('nobody but an operator has a person forgotten', async () => {
  for (const actor of [anActor(), aRequester({ admin: true, guild: HOME }), anActor({ id: leaver.id })]) {
    expect(await forgetPerson(db.rpc, actor, leaver.id)).toEqual({ kind: 'not_permitted' });
  }
  expect(tracesIn(await dumpOf(db), leaver)).toHaveLength(leaver.traces.length - 1);
});

test('a person with open tasks is not forgotten before these have ended', async () => {
  const asker = aRequester({ guild: HOME, id: leaver.id, name: 'Zebulon1Quux' });
  const task = await aTask(db, asker);
  const before = await dumpOf(db);
  const answer = await runScript(db, 'people', ['forget', '--person', leaver.id]);
  expect(answer).toMatchObject({ code: 1, out: '', err: expect.stringContaining(`open tasks (#${task.number})`) });
  expect(await dumpOf(db)).toBe(before);
  await db.rpc('decide_task', { actor: asker, task_id: task.id, verb: 'cancel' });
});

test('what cannot be understood is answered with the usage', async () => {
  for (const args of [
    ['forget', '--person', 'me'],
    ['forget', '--frobnicate'],
  ]) {
    const { code, out, err } = await runScript({ workerUrl: 'postgres://nobody@127.0.0.1:1/nothing' }, 'people', args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('npm run people -- forget --person ID');
  }
});

test('G10: of a person who is forgotten no trace is left in the whole database, and all chains are whole', async () => {
  const heads = await readHeads(db.rpc);
  const answer = await runScript(db, 'people', ['forget', '--person', leaver.id]);
  expect(answer).toMatchObject({ code: 0, err: '', out: expect.stringContaining('asked for 3 tasks') });
  const dump = await dumpOf(db);
  expect(tracesIn(dump, leaver)).toEqual([]);
  expect(tracesIn(dump, stayer)).toHaveLength(stayer.traces.length - 1);
  expect(dump).toContain('kept words 1');
  const lists = await db.sql`select from verne.source_lists where key_id not in (select id from verne.keys)`;
  expect(lists).toHaveLength(0);
  for (const guild of ['', ...heads.map(({ guild_id }) => guild_id)]) {
    const kept = heads.filter(({ guild_id }) => guild_id === guild);
    expect([guild, await verdictOn(db.rpc, guild, kept)]).toMatchObject([guild, { kind: 'whole' }]);
  }
});

test('the cards of their tasks are shown anew, without them', async () => {
  for (const id of leaver.tasks) {
    const [due] = await db.sql`
      select from verne.deliveries d join verne.events e on e.id = d.event_id
      where d.subscriber = 'discord.show' and d.key = ${`task:${id}`} and d.state = 'open' and e.topic = 'task.updated'`;
    expect(due).toBeDefined();
    const task = await readTask(db.rpc, taskId(id));
    const card = JSON.stringify(task && renderTaskCard(task));
    expect(card).toContain('somebody who was forgotten');
    expect(card).not.toContain('000000000000000000');
  }
});

test('an approval of theirs stays with what was decided and no longer counts for what waits; a pause stays, by nobody', async () => {
  const guild = '920000000000000002';
  const approver = anApprover({ guild, id: '100000000000000801' });
  const admin = anActor({ guild, admin: true });
  const lists = { create_roles: [CREATE_ROLE], confirm_roles: [CONFIRM_ROLE], default_repo: 'octo/repo' };
  await db.rpc('change_settings', { actor: admin, changes: { ...lists, approvals_needed: 2 } });
  const sealed = {
    id: crypto.randomUUID(),
    sealed: 'x',
    wrapped: 'x',
    kek_version: '1',
    last4: '1a2b',
    per_day: 9,
    at_once: 9,
  };
  await db.rpc('store_key', { actor: admin, owner: 'server', sealed: { ...sealed, fingerprint: sealed.id } });
  const [waits, runs] = [await aTask(db, aRequester({ guild })), await aTask(db, aRequester({ guild }))];
  for (const [actor, task] of [
    [approver, waits],
    [approver, runs],
    [anApprover({ guild, id: '100000000000000802' }), runs],
  ] as const) {
    await db.rpc('decide_task', { actor, task_id: task.id, verb: 'confirm' });
  }
  await db.rpc('pause_service', { actor: { ...OPERATOR, id: approver.id }, pause: true });
  expect(await forgetPerson(db.rpc, OPERATOR, approver.id)).toEqual({ kind: 'forgotten', tasks: 0 });
  expect(await dumpOf(db)).not.toContain(approver.id);
  await db.rpc('pause_service', { actor: OPERATOR, pause: false });
  const approvals = async (id: string) => (await readTask(db.rpc, taskId(id)))?.approvals.map(({ by }) => by);
  expect(await approvals(waits.id)).toEqual([]);
  expect(await approvals(runs.id)).toEqual(['000000000000000000', '100000000000000802']);
});

test('somebody who comes back after it is a new person to the audit', async () => {
  const actor = aRequester({ guild: HOME, id: leaver.id });
  const refOf = async () => {
    await db.rpc('record_refusal', { actor, operation: 'task.create', code: 'no' });
    const [last] = await db.sql`select person from verne.audit where guild_id = ${HOME} order by seq desc limit 1`;
    return last?.person;
  };
  const first = await refOf();
  await forgetPerson(db.rpc, OPERATOR, leaver.id);
  expect(await refOf()).not.toBe(first);
  expect(await verdictOn(db.rpc, HOME)).toMatchObject({ kind: 'whole' });
});
