import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderTaskCard } from '#discord/cards/task.ts';
import { pauseGuild, pauseService } from '#guilds/pause.ts';
import { done } from '#kernel/handler.ts';
import { taskId } from '#kernel/ids.ts';
import { taskHandlers } from '#tasks/handlers.ts';
import { openSession } from '#tasks/open-session.ts';
import { readTask } from '#tasks/read-task.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aDelivery, anAdmin, anApprover, aServer, aTask, fakeJules, someSources, WINDOWS } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const guild = '970000000000000900';
const operator = anActor({ id: 'operator', guild: null, door: 'operator', admin: true });
const deps = () => ({ rpc: db.rpc, sessions: fakeJules(), windows: WINDOWS });

async function faceOf(id: string) {
  const task = await readTask(db.rpc, taskId(id));
  const [embed] = (task && renderTaskCard(task).embeds) ?? [];
  return `${embed?.title}: ${embed?.description}`;
}
/** What the fact of a pause brings about, and for whom. */
async function hear(key: string) {
  const since = (await db.sql`select coalesce(max(id), 0) as id from verne.events`)[0]?.['id'];
  const answer = await taskHandlers(deps())['tasks.resume']?.(aDelivery('guild', key));
  expect(answer).toEqual(done);
  const rows = await db.sql`select key, topic from verne.events where id > ${since} and key like 'task:%' order by id`;
  return rows.map((row) => `${row['topic']} ${row['key']}`);
}

test.each([
  ['of a server', guild, 'in this server', (isOn: boolean) => pauseGuild(db.rpc, anAdmin({ guild }), isOn)],
  ['of the service', 'every', 'everywhere', (isOn: boolean) => pauseService(db.rpc, operator, isOn)],
] as const)(
  'a pause %s is told on the cards of what was let in and not begun, as long as it lasts',
  async (_whose, key, where, turn) => {
    await someSources(db, await aServer(db, { guild }));
    const opening = await aTask(db, anApprover({ guild }));
    const planned = await aTask(db, anApprover({ guild }));
    const asked = await aTask(db, anApprover({ guild }));
    const working = await aTask(db, anApprover({ guild }));
    await db.sql`update verne.sessions set phase = 'approving', name = ${`sessions/${planned.id}`} where task_id = ${planned.id}`;
    await db.sql`update verne.sessions set phase = 'working', name = ${`sessions/${working.id}`} where task_id = ${working.id}`;
    await db.rpc('record_attempt', { task_id: asked.id, revision: await revisionOf(asked.id) });
    await turn(true);
    expect(await hear(key)).toEqual(
      expect.arrayContaining([opening, planned, asked].map(({ id }) => `session.delayed task:${id}`)),
    );
    await openSession(deps(), aDelivery('task', opening.id));
    expect(await faceOf(opening.id)).toMatch(new RegExp(`^⏸️ Confirmed, but Verne is paused: Verne is paused ${where}`));
    expect(await faceOf(planned.id)).toMatch(
      new RegExp(`^⏸️ Plan ready, but Verne is paused: Verne is paused ${where}`),
    );
    expect(await faceOf(asked.id)).toMatch(/^🛠 Development started… opening a session/);
    expect(await faceOf(working.id)).toMatch(/^🛠 Development started… working/);
    await turn(false);
    expect(await hear(key)).toContain(`task.admitted task:${opening.id}`);
    expect(await faceOf(opening.id)).toMatch(/^🛠 Development started… opening a session/);
    expect(await faceOf(planned.id)).toMatch(/^🛠 Development started… plan ready/);
  },
);

async function revisionOf(id: string) {
  const [row] = await db.sql`select revision from verne.sessions where task_id = ${id}`;
  return Number(row?.['revision']);
}

test('the beginning of a pause and the removal of the bot are heard, too', async () => {
  const routed = await db.sql`select topic from verne.routes where subscriber = 'tasks.resume' order by topic`;
  expect(routed.map(({ topic }) => topic)).toEqual(['guild.left', 'guild.paused', 'guild.resumed', 'guild.returned']);
});
