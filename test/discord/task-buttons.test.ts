import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customId } from '#discord/custom-id.ts';
import { toResponse } from '#discord/reply.ts';
import { changeGrant } from '#guilds/access.ts';
import { pauseGuild } from '#guilds/pause.ts';
import { changeSettings } from '#guilds/settings.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aModal, aPress, PEOPLE, ROLES } from '../support/interaction.ts';
import { actorFor, aDoor, askFor, auditOf, lastAudit, readReply, setUp, tasksOf } from './setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => setUp(db));
afterAll(() => db.close());

type Verb = 'confirm' | 'reject' | 'cancel' | 'prompt';
const press = (person: keyof typeof PEOPLE, verb: Verb, task: string, facts = {}) =>
  aDoor(db.rpc).say(aPress(PEOPLE[person], customId(verb, task), undefined, facts));
const rejectWith = (person: keyof typeof PEOPLE, task: string, reason: string) =>
  aDoor(db.rpc).say(aModal(PEOPLE[person], customId('reject-reason', task), reason));
const statuses = async () => (await tasksOf(db)).map(({ status }) => status);

describe('Confirm', () => {
  it('by an approver starts the task; the card is left to its lane', async () => {
    const reply = await press('approver', 'confirm', await askFor(db));
    expect(toResponse(reply)).toEqual({ type: 6 });
    expect(await statuses()).toEqual(['in_progress']);
  });

  it('by anybody else is refused, naming the role', async () => {
    const task = await askFor(db);
    for (const person of ['requester', 'outsider'] as const) {
      const reply = await press(person, 'confirm', task);
      expect(readReply(reply)).toContain(`<@&${ROLES.confirm}>`);
      expect(reply).toMatchObject({ ephemeral: true, refused: 'not_permitted' });
    }
    expect(await statuses()).toEqual(['pending_confirmation']);
    expect(await lastAudit(db)).toMatchObject({ command: 'button confirm', outcome: 'refused: not_permitted' });
  });

  it('by two at once has one winner, and the other hears who it was', async () => {
    const task = await askFor(db);
    const approvers = [PEOPLE.approver, { ...PEOPLE.approver, id: '1300000000000000025' }];
    const replies = await Promise.all(
      approvers.map((person) => aDoor(db.rpc).say(aPress(person, customId('confirm', task)))),
    );
    expect(replies.map(({ kind }) => kind).sort()).toEqual(['deferUpdate', 'message']);
    const winner = approvers[replies.findIndex(({ kind }) => kind === 'deferUpdate')];
    const loser = replies.find(({ kind }) => kind === 'message');
    expect(loser && readReply(loser)).toMatch(
      new RegExp(`^Too late for task #1\\. Already confirmed by <@${winner?.id}> <t:\\d+:R>\\.$`),
    );
  });

  it('that arrives twice from one person is one press', async () => {
    const task = await askFor(db);
    const before = (await auditOf(db)).length;
    const replies = await Promise.all([press('approver', 'confirm', task), press('approver', 'confirm', task)]);
    expect(replies.map(({ kind }) => kind)).toEqual(['deferUpdate', 'deferUpdate']);
    expect(await auditOf(db)).toHaveLength(before + 1);
  });

  it('on a task of another server, or of none, is refused', async () => {
    const task = await askFor(db);
    const admin = { ...PEOPLE.admin, permissions: 1n << 3n };
    const foreign = aPress(admin, customId('confirm', task), undefined, { guild_id: '1300000000000000009' });
    expect(readReply(await aDoor(db.rpc).say(foreign))).toMatch(/no such task in this server/);
    expect(readReply(await press('approver', 'confirm', randomUUID()))).toMatch(/no such task in this server/);
    expect(await statuses()).toEqual(['pending_confirmation']);
  });
});

describe('Reject…', () => {
  it('asks for the reason first, and decides nothing by that', async () => {
    const task = await askFor(db);
    const reply = await press('approver', 'reject', task);
    expect(toResponse(reply)).toMatchObject({
      type: 9,
      data: {
        custom_id: customId('reject-reason', task),
        components: [{ type: 18, component: { type: 4, max_length: 1000 } }],
      },
    });
    expect(await statuses()).toEqual(['pending_confirmation']);
  });

  it('opens no dialog for one who may not decide, or where nothing is left to decide', async () => {
    const task = await askFor(db);
    const audited = (await auditOf(db)).length;
    for (const person of ['requester', 'outsider'] as const) {
      const reply = await press(person, 'reject', task);
      expect(reply).toMatchObject({ ephemeral: true, refused: 'not_permitted' });
      expect(readReply(reply)).toContain(`<@&${ROLES.confirm}>`);
    }
    expect(await press('approver', 'reject', randomUUID())).toMatchObject({ refused: 'unknown_task' });
    expect(await auditOf(db)).toHaveLength(audited);
    await press('approver', 'confirm', task);
    const late = await press('approver', 'reject', task);
    expect(late).toMatchObject({ refused: 'too_late' });
    expect(readReply(late)).toMatch(/^Too late for task #1\. Already confirmed by <@\d+>/);
  });

  it('opens no dialog for a task whose hours are over, although nothing has ended its wait yet', async () => {
    const task = await askFor(db);
    await db.sql`update public.tasks set expires_at = verne.now() where id = ${task}`;
    const late = await press('approver', 'reject', task);
    expect(late).toMatchObject({ refused: 'too_late' });
    expect(readReply(late)).toMatch(/^Too late for task #1\. It has expired, since nobody decided in time/);
    expect(await statuses()).toEqual(['pending_confirmation']);
    expect(readReply(await press('approver', 'confirm', task))).toBe(readReply(late));
    expect(await statuses()).toEqual(['expired']);
  });

  it('opens no dialog where the sent reason would be refused: another repository; in a pause it does', async () => {
    const task = await askFor(db);
    await changeSettings(db.rpc, actorFor(PEOPLE.admin), { confirm_roles: ['1300000000000000031'] });
    await changeGrant(db.rpc, actorFor(PEOPLE.admin), {
      give: true,
      role_id: ROLES.confirm,
      operation: 'task.confirm',
      repo: 'acme/other',
    });
    expect(await press('approver', 'reject', task)).toMatchObject({ refused: 'not_permitted' });
    await changeSettings(db.rpc, actorFor(PEOPLE.admin), { confirm_roles: [ROLES.confirm] });
    await pauseGuild(db.rpc, actorFor(PEOPLE.admin), true);
    expect(await press('approver', 'confirm', task)).toMatchObject({ refused: 'paused' });
    expect(await press('approver', 'reject', task)).toMatchObject({ kind: 'modal' });
    await pauseGuild(db.rpc, actorFor(PEOPLE.admin), false);
    expect(await press('approver', 'reject', task)).toMatchObject({ kind: 'modal' });
  });

  it('knows no task of another server', async () => {
    const task = await askFor(db);
    const admin = { ...PEOPLE.admin, permissions: 1n << 3n };
    const there = (facts: object) =>
      aDoor(db.rpc).say(
        aPress(admin, customId('reject', task), undefined, { guild_id: '1300000000000000009', ...facts }),
      );
    await aDoor(db.rpc).say(aPress(admin, customId('confirm', task), undefined, { guild_id: '1300000000000000009' }));
    expect(await there({})).toMatchObject({ refused: 'unknown_task' });
    expect(await there({ guild_id: '1300000000000000010' })).toMatchObject({ refused: 'unknown_task' });
  });

  it('keeps the reason', async () => {
    expect(await rejectWith('approver', await askFor(db), ' Not now ')).toEqual({ kind: 'deferUpdate' });
    expect(await tasksOf(db)).toMatchObject([{ status: 'rejected', reason: 'Not now' }]);
  });

  it('without a reason, or by one who may not, decides nothing', async () => {
    const task = await askFor(db);
    expect(readReply(await rejectWith('approver', task, ' \n '))).toMatch(/needs a reason/);
    expect(readReply(await rejectWith('requester', task, 'no'))).toMatch(/may not confirm or reject/);
    expect(await statuses()).toEqual(['pending_confirmation']);
  });

  it('after somebody else decided says what was decided', async () => {
    const task = await askFor(db);
    await rejectWith('approver', task, 'No');
    expect(readReply(await press('approver', 'confirm', task))).toMatch(/Already rejected by <@\d+> <t:\d+:R>/);
  });
});

describe('Cancel', () => {
  it('by the requester withdraws what waits', async () => {
    expect(readReply(await press('requester', 'cancel', await askFor(db)))).toMatch(
      /Task #1 is cancelled\. Nothing was run/,
    );
    expect(await statuses()).toEqual(['cancelled']);
  });

  it('by somebody else who may not is refused', async () => {
    expect(readReply(await press('outsider', 'cancel', await askFor(db)))).toMatch(
      /may not cancel somebody else's task/,
    );
    expect(await statuses()).toEqual(['pending_confirmation']);
  });

  it('of running work says what may still come', async () => {
    const task = await askFor(db);
    await press('approver', 'confirm', task);
    await db.sql`update verne.sessions set phase = 'opening', admitted_at = verne.now(), attempted_at = verne.now(), attempts = 1`;
    expect(readReply(await press('approver', 'cancel', task))).toMatch(/may still appear/);
  });
});

describe('Whole prompt', () => {
  it('shows all of the longest prompt, in blocks that it cannot end', async () => {
    const prompt = `${'Fix it @everyone. '.repeat(330)}the end`;
    const reply = await press('outsider', 'prompt', await askFor(db, prompt));
    const text = readReply(reply);
    expect(text.replaceAll(/\n?```\n?/g, '').replace(/^.*:/, '')).toContain(prompt);
    expect(reply).toMatchObject({ ephemeral: true, body: { allowed_mentions: { parse: [] } } });
  });

  it('shows all of a prompt with fences, and counts what is hidden', async () => {
    const text = readReply(await press('requester', 'prompt', await askFor(db, 'a ``` b\u202E c')));
    expect(text).toContain('(10 characters, 1 of them hidden and left out here)');
    expect(text.match(/```/g)).toHaveLength(2);
  });
});

describe('a button that Verne does not know', () => {
  for (const id of [
    `v0:confirm:${randomUUID()}`,
    'v1:fly:1',
    'v1:confirm:not-a-uuid',
    'v1:confirm',
    'hello',
    'v1:toString:x',
  ]) {
    it(`(${id}) is answered with a sentence`, async () => {
      const reply = await aDoor(db.rpc).say(aPress(PEOPLE.approver, id));
      expect(reply).toMatchObject({ kind: 'message', ephemeral: true, refused: 'unknown_button' });
      expect(await lastAudit(db)).toMatchObject({ outcome: 'refused: unknown_button' });
    });
  }
});
