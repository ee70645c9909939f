import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeSettings } from '#guilds/settings.ts';
import { taskId } from '#kernel/ids.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { draftTask } from '#tasks/draft.ts';
import { type Edit, editTask } from '#tasks/edit-task.ts';
import { readTask } from '#tasks/read-task.ts';
import { requestTask } from '#tasks/request-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { moveClock } from '../support/clock.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { anAdmin, anApprover, aRequester, aServer, aTask, CREATE_ROLE, someSources } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await someSources(db, await aServer(db), ['octo/repo', 'octo/other']);
});
afterAll(() => db.close());
beforeEach(async () => {
  await changeSettings(db.rpc, anAdmin(), { approvals_needed: 2 });
});

const edit = (task: TaskView, wish: Partial<Edit> = {}, actor = aRequester()) =>
  editTask(db.rpc, actor, { taskId: taskId(task.id), edits: 0, prompt: 'Fix all tests', repo: 'octo/repo', ...wish });
const confirm = ({ id }: TaskView, edits?: number, actor = anApprover()) =>
  decideTask(db.rpc, actor, { taskId: taskId(id), verb: 'confirm', edits });
const another = anApprover({ id: '100000000000000009' });
const view = async ({ id }: TaskView) => readTask(db.rpc, taskId(id));
const audited = async ({ id }: TaskView) =>
  db.sql`select outcome, args from verne.audit where operation = 'task.edit' and args ->> 'task' = ${id} order by seq`;

describe('an edit', () => {
  test('changes the words, voids the approvals of the old ones, and says both on the card', async () => {
    const task = await aTask(db);
    expect((await confirm(task)).kind).toBe('counted');
    const edited = await edit(task, { repo: 'octo/other', branch: 'dev' });
    expect(edited).toMatchObject({
      kind: 'edited',
      task: {
        prompt: 'Fix all tests',
        repo: 'octo/other',
        branch: 'dev',
        repo_from: 'option',
        edits: 1,
        approvals: [],
      },
    });
    expect((await view(task))?.edited).toMatchObject({ void: 1 });
    expect((await confirm(task, 1)).kind).toBe('counted');
    expect((await confirm(task, 1, another)).kind).toBe('decided');
  });

  test('leaves what was confirmed under the old words unconfirmed', async () => {
    const task = await aTask(db);
    await edit(task);
    expect((await confirm(task)).kind).toBe('edited');
    expect((await confirm(task, 0)).kind).toBe('edited');
    expect((await confirm(task, 2)).kind).toBe('edited');
    expect((await view(task))?.approvals).toEqual([]);
  });

  test('is audited without the prompt, also where it is refused', async () => {
    const task = await aTask(db);
    await edit(task);
    await edit(task, { repo: 'octo/nowhere', edits: 1 });
    const entries = await audited(task);
    expect(entries.map(({ outcome }) => outcome)).toEqual(['allowed', 'refused: unknown_repo']);
    expect(JSON.stringify(entries)).not.toContain('Fix all');
  });

  test('is of one who asked, and of nobody else', async () => {
    const task = await aTask(db);
    expect((await edit(task, {}, anApprover())).kind).toBe('not_requester');
    expect((await edit(task, {}, anAdmin())).kind).toBe('not_requester');
  });

  test('has the plan read wherever a request would have it read', async () => {
    const role = '300000000000000055';
    await changeSettings(db.rpc, anAdmin(), { plan_review: true });
    const wish = { give: true, role_id: role, operation: 'task.confirm', repo: 'octo/other' };
    await db.rpc('change_grant', { actor: anAdmin(), wish });
    const reader = aRequester({ id: '100000000000000066', roles: [CREATE_ROLE, role] });
    const asked = await requestTask(db.rpc, reader, {
      requestKey: 'plan-review-of-an-edit',
      prompt: 'Fix the test',
      repo: 'octo/other',
      planReview: false,
    });
    if (asked.kind !== 'requested') throw new Error(asked.kind);
    expect(asked.task).toMatchObject({ plan_review: false, plan_from: 'option' });
    const edited = await edit(asked.task, {}, reader);
    await changeSettings(db.rpc, anAdmin(), { plan_review: false });
    expect(edited).toMatchObject({ kind: 'edited', task: { plan_review: true, plan_from: 'server' } });
  });

  test('knows nothing of the tasks of another server', async () => {
    const task = await aTask(db);
    await aServer(db, { guild: '990000000000000009' });
    const elsewhere = aRequester({ guild: '990000000000000009' });
    expect((await edit(task, {}, elsewhere)).kind).toBe('unknown_task');
    const draft = await draftTask(db.rpc, elsewhere, { taskId: taskId(task.id), verb: 'edit' });
    expect(draft.kind).toBe('unknown_task');
  });

  test('of two at once one wins, and the other one is told', async () => {
    const task = await aTask(db);
    const kinds = (await Promise.all([edit(task, { prompt: 'One' }), edit(task, { prompt: 'Two' })])).map(
      ({ kind }) => kind,
    );
    expect(kinds.sort()).toEqual(['edited', 'edited_before']);
  });

  test('and a confirmation at once have one winner', async () => {
    await changeSettings(db.rpc, anAdmin(), { approvals_needed: 1 });
    for (let n = 0; n < 5; n += 1) {
      const task = await aTask(db);
      const [edited, confirmed] = await Promise.all([edit(task), confirm(task)]);
      expect([edited.kind, confirmed.kind]).toEqual(
        edited.kind === 'edited' ? ['edited', 'edited'] : ['too_late', 'decided'],
      );
    }
  });

  test('that changes nothing costs no approval', async () => {
    const task = await aTask(db);
    await confirm(task);
    expect((await edit(task, { prompt: task.prompt, branch: task.branch })).kind).toBe('unchanged');
    expect((await view(task))?.approvals).toHaveLength(1);
  });

  test('keeps to what a request keeps to, and costs no budget', async () => {
    const task = await aTask(db);
    await db.rpc('change_budget', { actor: anAdmin(), budget: { kind: 'person', id: '', per_day: 1, at_once: 1 } });
    expect((await edit(task)).kind).toBe('edited');
    await db.sql`delete from verne.budgets`;
    await expect(edit(task, { prompt: ' ' })).rejects.toThrow(/empty/);
    expect((await edit(task, { edits: 1, branch: 'nope' })).kind).toBe('unknown_branch');
    expect((await edit(task, { edits: 1 }, aRequester({ roles: [] }))).kind).toBe('not_permitted');
  });

  test('comes too late for a task whose hours are over, and for one that runs', async () => {
    const task = await aTask(db);
    await moveClock(db.sql, 73 * 3_600_000);
    expect((await edit(task)).kind).toBe('too_late');
    expect((await view(task))?.status).toBe('expired');
    await changeSettings(db.rpc, anAdmin(), { approvals_needed: 1 });
    const other = await aTask(db);
    await confirm(other);
    expect((await edit(other)).kind).toBe('too_late');
  });
});
