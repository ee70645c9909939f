import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgetPerson } from '#tasks/forget-person.ts';
import { sendAgain } from '#tasks/task-messages.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anApprover, aRequester, aServer, aTask, someSources } from '../support/tasks.ts';

let db: TestDatabase;
const LEAVER = '100000000000000077';
const OPERATOR = anActor({ id: 'operator', door: 'operator', guild: null, channel: null });
beforeAll(async () => {
  db = await freshDatabase();
  await someSources(db, await aServer(db));
});
afterAll(() => db.close());

const note = (subject: string, view: string, facts: Record<string, string>) =>
  db.sql`select verne.add_message(${subject}, 'note', ${view}, ${db.sql.json({ place: 'channel', id: '200000000000000001' })},
    ${db.sql.json(facts)}, ${`${subject}:${view}`})`;
const notesOf = (subject: string) =>
  db.sql`select seq, view, facts, parked_reason, parked_at from verne.messages where subject = ${subject} and kind = 'note' order by seq`;

test('what a forgotten person wrote goes from the marks on the tasks of others', async () => {
  const subject = `task:${(await aTask(db)).id}`;
  await note(subject, 'told', {
    by: LEAVER,
    text: 'words of theirs',
    problem: 'words of theirs',
    on: '900000000000000001',
  });
  await note(subject, 'warned', { by: '100000000000000078', text: 'words of another' });
  await forgetPerson(db.rpc, OPERATOR, LEAVER);
  expect((await notesOf(subject)).map(({ facts }) => facts)).toEqual([
    { by: '000000000000000000', text: '(forgotten)', problem: null, on: '900000000000000001' },
    { by: '100000000000000078', text: 'words of another' },
  ]);
});

test('a note that a person was forgotten in is sent no more, though it was given up before', async () => {
  const task = await aTask(db, aRequester({ id: LEAVER }));
  const subject = `task:${task.id}`;
  await db.sql`update public.tasks set status = 'expired' where id = ${task.id}`;
  await note(subject, 'outcome', { guild_id: '900000000000000001', error: 'e' });
  await note(subject, 'reminder', { guild_id: '900000000000000001' });
  await db.sql`update verne.messages set parked_reason = 'forbidden', parked_at = verne.now() where subject = ${subject} and view = 'reminder'`;
  await forgetPerson(db.rpc, OPERATOR, LEAVER);
  for (const { seq, ...row } of await notesOf(subject)) {
    expect(row).toMatchObject({ parked_reason: 'The person was forgotten.', parked_at: expect.any(Date) });
    const again = await sendAgain(db.rpc, anApprover(), { number: task.number, message: String(seq), here: true });
    expect(again.kind).toBe('forgotten');
  }
});

test('what is parked because the bot was removed says since when', async () => {
  const subject = `task:${(await aTask(db)).id}`;
  await note(subject, 'reminder', {});
  await db.sql`update public.guilds set left_at = verne.now()`;
  await note(subject, 'outcome', {});
  const [waiting] = await db.sql`select id from verne.messages where subject = ${subject} and view = 'reminder'`;
  await db.rpc('begin_message', { id: waiting?.id, window_ms: 1000, seen: { sending_since: null, is_post: true } });
  for (const row of await notesOf(subject)) {
    expect(row).toMatchObject({ parked_reason: 'The bot was removed from the server.', parked_at: expect.any(Date) });
  }
});
