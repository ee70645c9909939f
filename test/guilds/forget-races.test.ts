import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { forgetPerson } from '#tasks/forget-person.ts';
import { requestTask } from '#tasks/request-task.ts';
import { anActor } from '../support/actors.ts';
import { verdictOn } from '../support/chains.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anAdmin, anApprover, aRequester, aServer, aTask } from '../support/tasks.ts';

let db: TestDatabase;
const guild = '920000000000000011';
beforeAll(async () => {
  db = await freshDatabase();
  await aServer(db, { guild });
});
afterAll(() => db?.close());

const OPERATOR = anActor({ id: 'operator', door: 'operator', guild: null, channel: null });
const someone = (nth: number, facts = {}) =>
  aRequester({ guild, id: String(100_000_000_000_005_000n + BigInt(nth)), ...facts });
/** What did not come to an answer. */
async function brokenOf(acts: readonly Promise<unknown>[]) {
  const ends = await Promise.allSettled(acts);
  return ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
}

test('somebody who is forgotten while they act, and others act on what is theirs, keeps nobody waiting for ever', async () => {
  const broken: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    const me = someone(round);
    const tasks = [await aTask(db, me), await aTask(db, me), await aTask(db, me), await aTask(db, me)];
    for (const { id } of tasks) await decideTask(db.rpc, me, { taskId: taskId(id), verb: 'cancel' });
    const acts = tasks.flatMap(({ id }) => [
      decideTask(db.rpc, me, { taskId: taskId(id), verb: 'cancel' }),
      decideTask(db.rpc, anApprover({ guild }), { taskId: taskId(id), verb: 'confirm' }),
      db.rpc('show_prompt', { actor: me, task_id: id }),
    ]);
    const refusal = { operation: 'task.create', code: 'no' };
    broken.push(
      ...(await brokenOf([
        db.rpc('record_refusal', { actor: me, ...refusal }),
        forgetPerson(db.rpc, OPERATOR, me.id),
        ...acts,
        db.rpc('pause_guild', { actor: { ...me, admin: true }, pause: false }),
        db.rpc('raise_budget', { actor: anAdmin({ guild }), person: me.id, extra: 1 }),
        db.rpc('record_refusal', { actor: { ...me, guild: null }, ...refusal }),
        db.rpc('choose_repo', { actor: me, kind: 'person', id: me.id, repo: 'octo/repo' }),
      ])),
    );
  }
  expect(broken).toEqual([]);
  for (const chain of ['', guild]) expect(await verdictOn(db.rpc, chain)).toMatchObject({ kind: 'whole' });
});

test('a task that is asked for at the same moment is one of somebody who is known, or keeps them from being forgotten', async () => {
  for (let round = 0; round < 12; round += 1) {
    const me = someone(100 + round);
    await db.rpc('read_settings', { actor: me });
    const [answer] = await Promise.all([
      forgetPerson(db.rpc, OPERATOR, me.id),
      requestTask(db.rpc, me, { requestKey: `forget-${round}`, prompt: 'Fix the test' }),
    ]);
    const [task] =
      await db.sql`select t.discord_user_id, u.discord_id from public.tasks t left join public.users u on u.id = t.user_id
      where t.request_key = ${`forget-${round}`}`;
    expect([answer.kind, task?.['discord_user_id'], task?.['discord_id']]).toEqual([answer.kind, me.id, me.id]);
  }
});

test('people who are named together for the first time, in any order, keep nobody waiting for ever', async () => {
  const broken: string[] = [];
  for (let round = 0; round < 8; round += 1) {
    const people = Array.from({ length: 30 }, (_, at) => String(500_000_000_000_000_000n + BigInt(round * 100 + at)));
    const acts = [people, people.toReversed(), people, people.toReversed()].map((approver_people, nth) =>
      db.rpc('change_settings', {
        actor: anAdmin({ guild: `9200000000000001${10 + nth}`, id: people[nth % 2 ? 0 : 29] ?? '' }),
        changes: { approver_people },
      }),
    );
    broken.push(...(await brokenOf(acts)));
  }
  expect(broken).toEqual([]);
});
