import type { APIModalInteractionResponseCallbackData } from 'discord-api-types/v10';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customId } from '#discord/custom-id.ts';
import type { Reply } from '#discord/reply.ts';
import { readTaskForm, splitPrompt } from '#discord/task-form.ts';
import { removeKey } from '#guilds/add-key.ts';
import { pauseGuild } from '#guilds/pause.ts';
import { changeSettings, choosePlans } from '#guilds/settings.ts';
import { taskId } from '#kernel/ids.ts';
import { readTask } from '#tasks/read-task.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import {
  aCommand,
  aForm,
  aMenu,
  aModal,
  aPress,
  here,
  newSnowflake,
  PEOPLE,
  type Person,
} from '../support/interaction.ts';
import { actorFor, aDoor, askFor, auditOf, lastAudit, readReply, setUp, tasksOf } from './setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => setUp(db));
afterAll(() => db.close());

const { requester, approver, admin, outsider } = PEOPLE;
const say = (payload: Parameters<ReturnType<typeof aDoor>['say']>[0]) => aDoor(db.rpc).say(payload);

type Input = { custom_id: string; value?: string; options?: { value: string; default?: boolean }[] };
function dialogOf(reply: Reply): APIModalInteractionResponseCallbackData {
  if (reply.kind !== 'modal') throw new Error(`no dialog: ${readReply(reply)}`);
  return reply.modal;
}
const inputsOf = (reply: Reply) =>
  dialogOf(reply).components.flatMap((one) => ('component' in one ? [one.component as unknown as Input] : []));
/** What stands in a dialog at first, by field. */
const filled = (reply: Reply) =>
  Object.fromEntries(
    inputsOf(reply).map((one) => [one.custom_id, one.value ?? one.options?.find((option) => option.default)?.value]),
  );
const press = (person: Person, verb: 'edit' | 'retry' | 'follow_up' | 'confirm', target: string, facts = {}) =>
  say(aPress(person, customId(verb, target), undefined, facts));
/** Sends a dialog as it stands, with these fields written anew. */
const send = (person: Person, dialog: Reply, fields: object) =>
  say(aForm(person, dialogOf(dialog).custom_id, { ...filled(dialog), ...fields }));
const view = async (id: string) => {
  const found = await readTask(db.rpc, taskId(id));
  if (!found) throw new Error('no task');
  return found;
};
const newest = async () => view((await tasksOf(db)).at(-1)?.id ?? '');

describe('/jules without a prompt', () => {
  it('opens a dialog that shows what is used where a field stays empty, and records nothing', async () => {
    const before = (await auditOf(db)).length;
    const dialog = await say(aCommand(requester, 'jules'));
    expect(filled(dialog)).toEqual({ prompt: undefined, repo: undefined, branch: undefined, plan: 'usual' });
    expect(JSON.stringify(dialog)).toContain("Left empty: acme/site (the server's default)");
    expect(await tasksOf(db)).toEqual([]);
    expect((await auditOf(db)).length).toBe(before);
  });

  it('asks for the task when it is sent, with the longest text that a field takes', async () => {
    const dialog = await say(aCommand(requester, 'jules', { repo: 'acme/tools', branch: 'next', plan: 'read' }));
    expect(filled(dialog)).toMatchObject({ repo: 'acme/tools', branch: 'next', plan: 'read' });
    const prompt = 'x'.repeat(4000);
    expect(readReply(await send(requester, dialog, { prompt }))).toContain('Task #1 recorded');
    expect(await newest()).toMatchObject({
      prompt,
      repo: 'acme/tools',
      branch: 'next',
      plan_review: true,
      plan_from: 'option',
    });
  });

  it('is refused before anything is written to those whose request would be', async () => {
    expect(await say(aCommand(outsider, 'jules'))).toMatchObject({ refused: 'not_permitted' });
    expect(await say(aCommand(requester, 'jules', { repo: 'no repo' }))).toMatchObject({ refused: 'malformed_repo' });
    await pauseGuild(db.rpc, actorFor(admin), true);
    expect(await say(aCommand(requester, 'jules'))).toMatchObject({ refused: 'paused' });
    await pauseGuild(db.rpc, actorFor(admin), false);
    await removeKey(db.rpc, actorFor(admin), 'server');
    expect(await say(aCommand(requester, 'jules'))).toMatchObject({ refused: 'no_key' });
  });

  it('is open to Manage Server where nobody has done anything yet', async () => {
    const there = { guild_id: newSnowflake() };
    expect(await say(aCommand(admin, 'jules', {}, there))).toMatchObject({ refused: 'no_key' });
  });

  it('gives back what was written where it is not taken', async () => {
    const dialog = await say(aCommand(requester, 'jules'));
    const reply = await send(requester, dialog, { prompt: 'A long story', repo: 'no repo' });
    expect(reply).toMatchObject({ refused: 'malformed_repo', ephemeral: true });
    expect(readReply(reply)).toMatch(/not a repository[\s\S]*This is what you wrote:\n```\nA long story\n```/);
  });

  it('gives it back as well where the database is away', async () => {
    const away = aDoor(() => new Promise(() => {}), { answerMs: 20 });
    const reply = await away.say(aForm(requester, customId('asking', 'task'), { prompt: 'A long story' }));
    expect(readReply(reply)).toMatch(/Not recorded[\s\S]*A long story/);
  });
});

describe('a prompt that is longer than a field', () => {
  it('stands in two, and comes back whole', () => {
    const prompt = `${'a line of text\n'.repeat(380)}end`;
    const { first, rest } = splitPrompt(prompt);
    expect(first.length).toBeLessThanOrEqual(4000);
    expect(rest.length).toBeLessThanOrEqual(4000);
    expect(readTaskForm({ prompt: first, more: rest }).prompt).toBe(prompt);
  });

  it('is cut between characters where it has neither lines nor words', () => {
    const { first, rest } = splitPrompt('👩‍👩‍👧‍👦'.repeat(520));
    expect(`${first}${rest}`).toBe('👩‍👩‍👧‍👦'.repeat(520));
    expect(first.endsWith('👩‍👩‍👧‍👦')).toBe(true);
  });

  it('comes back byte for byte where nobody touched it, also from fields whose ends lost their space', () => {
    const piece = fc.constantFrom('word', ' ', '  ', '\n', '\n\n    ', '\t', 'x'.repeat(1900), '👩‍👩‍👧‍👦', '…');
    const prompts = fc
      .array(piece, { maxLength: 60 })
      .map((pieces) => `${'line of prose, '.repeat(260)}${pieces.join('')}`.slice(0, 6000).toWellFormed().trim());
    fc.assert(
      fc.property(prompts, (prompt) => {
        const { first, between, rest } = splitPrompt(prompt);
        expect(`${first}${between}${rest}`).toBe(prompt);
        expect(Math.max(first.length, rest.length)).toBeLessThanOrEqual(4000);
        expect(readTaskForm({ prompt: first, more: rest }, prompt).prompt).toBe(prompt);
        const trimmed = { prompt: first.trim(), more: rest.trim().replaceAll('\n', '\r\n') };
        expect(readTaskForm(trimmed, prompt).prompt).toBe(prompt);
        if (rest !== '')
          expect(readTaskForm({ prompt: first, more: `${rest} and more` }, prompt).prompt).toBe(`${prompt} and more`);
      }),
    );
  });

  it('sent as it stands is no edit, and leaves the approvals', async () => {
    await changeSettings(db.rpc, actorFor(admin), { approvals_needed: 2 });
    const task = await askFor(db, 'word '.repeat(1000).trim());
    await press(approver, 'confirm', task);
    const reply = await send(requester, await press(requester, 'edit', task), {});
    expect(readReply(reply)).toBe('Task #1 says what it said before.');
    expect((await view(task)).approvals).toHaveLength(1);
    const solid = `begin ${'x'.repeat(5000)}`;
    const other = await askFor(db, solid);
    await say(aPress(requester, customId('cancel', other)));
    await send(requester, await press(requester, 'retry', other), {});
    expect((await newest()).prompt).toBe(solid);
  });
});

describe('Send to Jules', () => {
  const menu = (message: object, person: Person = requester, facts = {}) =>
    say(aMenu(person, 'Send to Jules', { ...message }, facts));

  it('quotes the message with its author and link in the dialog', async () => {
    const mentions = [{ id: '1300000000000000077', username: 'bob' }];
    const dialog = await menu({ content: 'It is broken,\n<@1300000000000000077>', mentions });
    const link = `https://discord.com/channels/${here.guild}/1300000000000000002/\\d+`;
    expect(filled(dialog)['prompt']).toMatch(
      new RegExp(`^From a message of A User, ${link}:\n> It is broken,\n> @bob$`),
    );
    expect(readReply(await send(requester, dialog, {}))).toContain('Task #1 recorded');
  });

  it('takes the text of embeds and of what was forwarded', async () => {
    const embeds = [{ title: 'Build failed', description: 'in step 3', fields: [{ name: 'Log', value: 'exit 1' }] }];
    expect(filled(await menu({ embeds }))['prompt']).toContain('> Build failed\n> in step 3\n> Log\n> exit 1');
    const message_snapshots = [{ message: { content: 'Forwarded words', embeds: [] } }];
    expect(filled(await menu({ message_snapshots }))['prompt']).toContain('> Forwarded words');
  });

  it('cuts a long one between characters and says so, and leaves out what nobody sees', async () => {
    const text = filled(await menu({ content: `a\u202E\u{E0041}${'👩‍👩‍👧‍👦'.repeat(400)}` }))['prompt'] ?? '';
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text).toMatch(/👩‍👩‍👧‍👦…\n\(shortened: it has 4,401 characters/);
    expect(text).not.toMatch(/[\u202E\u{E0041}]/u);
  });

  it('masks what looks like a secret', async () => {
    const text = filled(await menu({ content: `the key is ghp_${'a1B2'.repeat(9)}` }))['prompt'];
    expect(text).not.toContain('a1B2a1B2');
  });

  it('is refused for a message without text, in direct messages, and to those who may not ask', async () => {
    expect(await menu({ content: ' ' })).toMatchObject({ refused: 'no_text' });
    expect(await menu({ content: 'x' }, outsider)).toMatchObject({ refused: 'not_permitted' });
    const inDm = { guild_id: undefined, member: undefined, user: { id: requester.id, username: 'u' } };
    expect(await menu({ content: 'x' }, requester, inDm)).toMatchObject({ refused: 'not_in_a_server' });
  });
});

describe('Edit…', () => {
  it('opens the words for their author alone, and changes them', async () => {
    const task = await askFor(db, 'Fix the login test');
    for (const person of [approver, admin, outsider])
      expect(await press(person, 'edit', task)).toMatchObject({ refused: 'not_requester' });
    const dialog = await press(requester, 'edit', task);
    expect(filled(dialog)).toEqual({ prompt: 'Fix the login test', repo: 'acme/site', branch: 'main' });
    const reply = await send(requester, dialog, { prompt: 'Fix every test' });
    expect(readReply(reply)).toMatch(/^✏️ Task #1 is edited\. It waits/);
    expect(await newest()).toMatchObject({ prompt: 'Fix every test', edits: 1, repo_from: 'server' });
  });

  it('kills the buttons of the old words, and the new ones confirm', async () => {
    const task = await askFor(db);
    await send(requester, await press(requester, 'edit', task), { prompt: 'Fix every test' });
    const stale = await press(approver, 'confirm', task);
    expect(stale).toMatchObject({ refused: 'edited' });
    expect(readReply(stale)).toMatch(/edited since this button was shown, so nothing was confirmed/);
    expect((await press(approver, 'confirm', `${task}.1`)).kind).toBe('deferUpdate');
  });

  it('of two dialogs the second gets its words back', async () => {
    const task = await askFor(db);
    const [one, two] = [await press(requester, 'edit', task), await press(requester, 'edit', task)];
    await send(requester, one, { prompt: 'One' });
    const late = await send(requester, two, { prompt: 'Two, which took an hour' });
    expect(late).toMatchObject({ refused: 'edited_before' });
    expect(readReply(late)).toMatch(/another dialog[\s\S]*Two, which took an hour/);
  });

  it('comes too late once it is confirmed, and the words come back', async () => {
    const task = await askFor(db);
    const dialog = await press(requester, 'edit', task);
    await press(approver, 'confirm', task);
    const late = await send(requester, dialog, { prompt: 'Other words' });
    expect(late).toMatchObject({ refused: 'too_late' });
    expect(readReply(late)).toMatch(/Already confirmed[\s\S]*Other words/);
    expect(await press(requester, 'edit', task)).toMatchObject({ refused: 'too_late' });
  });

  it('of a card that shows other words by now still is of this card', async () => {
    const task = await askFor(db);
    const dialog = dialogOf(await press(requester, 'edit', task));
    const components = [{ type: 1, components: [{ type: 2, custom_id: customId('confirm', `${task}.1`) }] }];
    const fields = { prompt: 'Words', repo: 'acme/site', branch: 'main' };
    const on = (message: object) => say(aForm(requester, dialog.custom_id, fields, { message }));
    expect(readReply(await on({ id: '1', components }))).toMatch(/is edited/);
    const foreign = [{ type: 1, components: [{ type: 2, custom_id: customId('edit', crypto.randomUUID()) }] }];
    expect(await on({ id: '1', components: foreign })).toMatchObject({ refused: 'unknown_button' });
  });
});

describe('Retry…', () => {
  const ended = async () => {
    const task = await askFor(db, 'Fix the login test');
    await say(aPress(requester, customId('cancel', task)));
    return task;
  };

  it('asks for the same once more, as a task with a parent that is confirmed like any other', async () => {
    const task = await ended();
    expect((await view(task)).verbs).toEqual(['retry']);
    const dialog = await press(approver, 'retry', task);
    expect(filled(dialog)).toMatchObject({ prompt: 'Fix the login test', repo: 'acme/site', branch: 'main' });
    await send(requester, await press(requester, 'retry', task), { prompt: 'Fix it, with tabs' });
    expect(await newest()).toMatchObject({
      status: 'pending_confirmation',
      prompt: 'Fix it, with tabs',
      parent: { id: task, number: 1, as: 'retry' },
    });
    expect((await view(task)).children).toMatchObject([{ number: 2, as: 'retry' }]);
    const [shown] = await db.sql`select count(*)::int as count from verne.events
      where key = ${`task:${task}`} and topic = 'task.updated'`;
    expect(shown?.['count']).toBe(1);
  });

  it('shows a secret to its author alone, and others that it is to be written anew', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const task = await askFor(db, `Use ${secret}\u202E here`);
    await say(aPress(requester, customId('cancel', task)));
    const own = await press(requester, 'retry', task);
    expect(filled(own)['prompt']).toContain(secret);
    expect(JSON.stringify(own)).not.toContain('write it anew');
    const foreign = await press(approver, 'retry', task);
    expect(filled(foreign)['prompt']).toBe('Use [redacted] here');
    expect(JSON.stringify(foreign)).toContain('masked here; where it is needed, write it anew');
    await send(approver, foreign, {});
    expect((await newest()).prompt).toBe('Use [redacted] here');
  });

  it('is not offered and not taken while the task goes on', async () => {
    const task = await askFor(db);
    expect(await press(requester, 'retry', task)).toMatchObject({ refused: 'too_late' });
    const forged = await say(aForm(requester, customId('retrying', task), { prompt: 'Again', repo: 'acme/site' }));
    expect(forged).toMatchObject({ refused: 'parent_moved' });
    expect(await tasksOf(db)).toHaveLength(1);
  });

  it('knows no task of another server', async () => {
    const task = await ended();
    await setUp(db);
    expect(await press(requester, 'retry', task)).toMatchObject({ refused: 'unknown_task' });
    const forged = await say(aForm(requester, customId('retrying', task), { prompt: 'Again' }));
    expect(forged).toMatchObject({ refused: 'unknown_task' });
    expect(await lastAudit(db)).toMatchObject({ outcome: 'refused: unknown_task' });
    expect(await tasksOf(db)).toEqual([]);
  });
});

describe('Follow up…', () => {
  const PR = 'https://github.com/acme/site/pull/7';
  /** A task that is done, in a session that Jules still has. */
  const finished = async (url: string | null = PR) => {
    const task = await askFor(db, 'Fix the login test');
    await press(approver, 'confirm', task);
    await db.sql`update verne.sessions set phase = 'done_pr', name = ${`sessions/${task}`}, admitted_at = verne.now(),
      attempts = 1, opened_at = verne.now(), approved_at = verne.now(), ended_at = verne.now() where task_id = ${task}`;
    await db.sql`update public.tasks set status = 'completed', pr_url = ${url} where id = ${task}`;
    return task;
  };
  const sameOrNew = (reply: Reply) => inputsOf(reply).find((one) => one.custom_id === 'where')?.options;

  it('offers the same session and a new task; the same session is told', async () => {
    const task = await finished();
    const dialog = await press(requester, 'follow_up', task);
    expect(sameOrNew(dialog)?.map(({ value }) => value)).toEqual(['same', 'new']);
    expect(readReply(await send(requester, dialog, { answer: 'Add a test' }))).toMatch(/^📨 Kept for Jules/);
    expect(await tasksOf(db)).toHaveLength(1);
  });

  it('makes a new task that names the pull request', async () => {
    const task = await finished();
    const dialog = await press(requester, 'follow_up', task);
    await send(requester, dialog, { answer: 'Add a test', where: 'new' });
    const made = await newest();
    expect(made.parent).toMatchObject({ id: task, as: 'follow_up' });
    expect(made.prompt).toBe(`Follow-up on ${PR} (look at what it changes, and build on it):\n\nAdd a test`);
  });

  it('leaves the new task alone where the session was archived, deleted or has no key any more', async () => {
    for (const change of ['archived_at = verne.now()', 'deleted_at = verne.now()']) {
      const task = await finished();
      await db.sql.unsafe(`update verne.sessions set ${change} where task_id = '${task}'`);
      const dialog = await press(requester, 'follow_up', task);
      expect(dialogOf(dialog).custom_id).toBe(customId('following-anew', task));
      expect(sameOrNew(dialog)).toBeUndefined();
    }
    const task = await finished(null);
    await removeKey(db.rpc, actorFor(admin), 'server');
    const dialog = await press(requester, 'follow_up', task);
    expect(dialogOf(dialog).custom_id).toBe(customId('following-anew', task));
  });

  it('of words that Jules was not told opens with them', async () => {
    const task = await finished();
    await say(aModal(requester, customId('following', task), 'Add a test'));
    const [told] = await db.sql`select id::text from verne.instructions where task_id = ${task}`;
    await db.rpc('settle_instruction', { id: told?.['id'], outcome: 'refused', problem: 'There is no such session.' });
    const [note] = await db.sql`select facts from verne.messages where subject = ${`task:${task}`} and view = 'untold'`;
    const about = String(note?.['facts'].about);
    const dialog = await say(aPress(requester, customId('follow-anew', `${task}.${about}`)));
    expect(filled(dialog)).toEqual({ answer: 'Add a test' });
    await send(requester, dialog, {});
    expect((await newest()).parent).toMatchObject({ as: 'follow_up' });
  });

  it('quotes no secret, of the earlier task nor of untold words', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const task = await finished(null);
    await db.sql`update public.tasks set prompt = ${`Use ${secret} here`} where id = ${task}`;
    await send(approver, await press(approver, 'follow_up', task), { answer: 'Add a test', where: 'new' });
    expect((await newest()).prompt).toContain('> Use [redacted] here');
    await say(aModal(requester, customId('following', task), `Take ${secret}`));
    const [told] = await db.sql`select id::text from verne.instructions where task_id = ${task}`;
    const about = String(told?.['id']).slice(0, 8);
    const dialog = await say(aPress(approver, customId('follow-anew', `${task}.${about}`)));
    expect(filled(dialog)).toEqual({ answer: 'Take [redacted]' });
    expect(JSON.stringify(dialog)).toContain('masked here; where it is needed, write it anew');
  });

  it('is not for those who may neither steer it nor ask', async () => {
    expect(await press(outsider, 'follow_up', await finished())).toMatchObject({ refused: 'not_permitted' });
  });
});

describe('whose choice it is that a plan is read', () => {
  const ask = async (options: object = {}, person: Person = requester) => {
    const reply = await say(aCommand(person, 'jules', { prompt: 'Fix it', ...options }));
    const { plan_review: reads, plan_from: from } = await newest();
    return { reads, from, reply: readReply(reply) };
  };
  const mine = (plans: 'read' | 'run' | null, person: Person = requester) =>
    choosePlans(db.rpc, actorFor(person), plans);
  const demand = (plan_review: boolean) => changeSettings(db.rpc, actorFor(admin), { plan_review });

  it('is the option, else the person, else the server', async () => {
    expect(await ask()).toMatchObject({ reads: false, from: 'server' });
    await mine('read');
    expect(await ask()).toMatchObject({ reads: true, from: 'person' });
    expect(await ask({ plan: 'run' })).toMatchObject({ reads: false, from: 'option' });
    await mine(null);
    expect(await ask()).toMatchObject({ reads: false, from: 'server' });
  });

  it('is the server alone where it has each plan read, and the person hears so', async () => {
    await demand(true);
    await mine('run');
    expect(await ask()).toMatchObject({ reads: true, from: 'server' });
    const { reply, ...plan } = await ask({ plan: 'run' });
    expect(plan).toEqual({ reads: true, from: 'server' });
    expect(reply).toContain('This server has each plan read');
  });

  it('is also of those who would be its reader: who may approve their own tasks', async () => {
    await demand(true);
    expect(await ask({ plan: 'run' }, approver)).toMatchObject({ reads: false, from: 'option' });
    await changeSettings(db.rpc, actorFor(admin), { self_approval: false });
    expect(await ask({ plan: 'run' }, approver)).toMatchObject({ reads: true, from: 'server' });
  });

  it('is set with /config me, for oneself alone', async () => {
    expect(readReply(await say(aCommand(requester, 'config me')))).toContain('as this server has it');
    expect(readReply(await say(aCommand(requester, 'config me', { plans: 'read' })))).toMatch(
      /^Saved\. \*\*An approver/,
    );
    expect(await ask()).toMatchObject({ reads: true, from: 'person' });
    expect(await ask({}, approver)).toMatchObject({ reads: false, from: 'server' });
    expect(readReply(await say(aCommand(requester, 'config me', { plans: 'as the server' })))).toContain(
      'as this server',
    );
  });
});
