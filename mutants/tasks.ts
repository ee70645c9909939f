import { killedBy } from './mutant.ts';

const sql = (name: string) => `supabase/schemas/tasks/${name}.sql`;

/** One winner, and never another way than the table has. */
const deciding = killedBy('test/tasks/decide-task.test.ts', [
  {
    name: 'A press looks at its task while another is writing it',
    file: sql('decide_task'),
    text: 'perform verne.lock_account(t.account_id) from public.tasks t where t.id = decide_task.task_id::uuid;\n  select * into task from public.tasks t where t.id = decide_task.task_id::uuid for no key update;',
    by: 'select * into task from public.tasks t where t.id = decide_task.task_id::uuid;',
    claim: 'a press waits for what is being written of its task, and is told what became of it',
  },
  {
    name: 'Any writer moves a task along any way',
    file: sql('guard_task'),
    text: 'if new.status <> old.status and not exists (',
    by: 'if false and not exists (',
    claim: 'no writer moves a task along a way that the table does not have',
  },
  {
    name: 'The server of a task is not looked at where it is decided',
    file: sql('decide_task'),
    text: "when task.guild_id is distinct from (gate ->> 'guild')::uuid then 'unknown_task'",
    by: "when task.id is null then 'unknown_task'",
    claim: 'a task of another server does not exist, even for its approvers',
  },
  {
    name: 'A press that was refused leaves no trace',
    file: 'supabase/schemas/guilds/authorise.sql',
    text: "perform verne.append_audit(actor, authorise.operation, 'refused: ' || (refusal ->> 'kind'), args);",
    by: '',
    claim: 'every press is audited, also the late and the refused',
  },
  {
    name: 'A cancellation takes the name of who confirmed',
    file: sql('move_task'),
    text: "decided_by = case when decides then actor ->> 'id' else t.decided_by end",
    by: "decided_by = actor ->> 'id'",
    claim: 'a cancellation does not overwrite who confirmed',
  },
]);

const approving = killedBy('test/tasks/approvals.test.ts', [
  {
    name: 'One approval is enough, whatever the server asks for',
    file: sql('count_approval'),
    text: 'when count < task.approvals_needed then',
    by: 'when false then',
    claim: 'a task starts with the last approval that it needs, and who approved stays on it',
  },
  {
    name: 'One’s own approval counts where the server wants somebody else',
    file: sql('count_approval'),
    text: 'if task.discord_user_id = count_approval.approver and not task.self_approval then',
    by: 'if false then',
    claim: 'never counts where the server wants somebody else, and its refusal is audited',
  },
  {
    name: 'Who presses twice counts twice',
    file: sql('count_approval'),
    text: "on conflict do nothing;\n  if not found then\n    return 'counted_before';\n  end if;\n  select count(*) into count from verne.approvals a where a.task_id = task.id;",
    by: 'on conflict do nothing;\n  select count(*) + case when found then 0 else 1 end into count from verne.approvals a where a.task_id = task.id;',
    claim: 'who presses twice counts once, and leaves one entry',
  },
]);

const expiring = killedBy('test/tasks/expire.test.ts', [
  {
    name: 'A task whose hours are over is confirmed because nobody had looked yet',
    file: sql('decide_task'),
    text: "if task.guild_id = (gate ->> 'guild')::uuid and verne.let_expire(task) then",
    by: 'if false then',
    claim: 'has expired after its hours even if nobody has noticed: who decides then is too late',
  },
]);

const asking = killedBy('test/tasks/request-task.test.ts', [
  {
    name: 'A prompt is shown to another server',
    file: sql('show_prompt'),
    text: "where t.id = show_prompt.task_id::uuid and t.guild_id = (gate ->> 'guild')::uuid;",
    by: 'where t.id = show_prompt.task_id::uuid;',
    claim: 'the whole prompt is shown within its server, and to another server it does not exist',
  },
]);

const commands = killedBy('test/discord/jules-command.test.ts', [
  {
    name: 'Each delivery of one command asks for a task of its own',
    file: 'src/discord/ask-for-task.ts',
    text: '{ ...wish, requestKey: context.interactionId }',
    by: '{ ...wish, requestKey: String(Math.random()) }',
    claim: 'asked twice by one interaction is one task',
  },
]);

const reporting = killedBy('test/tasks/receive-report.test.ts', [
  {
    name: 'The same report counts each time it comes',
    file: sql('receive_report'),
    text: 'if verne.known_event(session.tenant, fact) then',
    by: 'if false then',
    claim: 'a report wakes the follower of its task, by our id or by Jules’s, and the same report is one',
  },
  {
    name: 'A report names the pull request of another repository',
    file: sql('receive_report'),
    text: 'if pr_url is not null and (lower(pr_url collate "C") = lower(own collate "C")) is not true then',
    by: 'if false then',
    claim: 'the database itself takes a pull request of the task’s repository and nothing that is nearly one',
  },
]);

/** Keys that Jules refuses, and what moves to another one. */
const keys = killedBy('test/tasks/refused-key.test.ts', [
  {
    name: 'What may have begun at Jules is begun again with another key',
    file: sql('move_queued'),
    text: 'and s.name is null and s.attempted_at is null and s.attempts = 0',
    by: '',
    claim: 'with the rule to move, what was never attempted moves to another key of the server (%s)',
  },
  {
    name: 'A request takes the key of another server or person',
    file: 'supabase/schemas/guilds/keys_for.sql',
    text: "(k.owner_id = actor ->> 'id' or k.guild_id = actor ->> 'guild'",
    by: "(true or k.guild_id = actor ->> 'guild'",
    claim:
      'the own key comes first, then the nearest pool and the one with most room; never that of another person (T16)',
  },
  {
    name: 'Tasks of a refused key keep their places',
    file: sql('queue_order'),
    text: ' and c.key_id not in (select r.key_id from refused r)',
    by: '',
    claim: 'tasks of a refused key wait without a place, are told so, and go on when it works again (O15)',
  },
]);

const places = killedBy('test/tasks/places.test.ts', [
  {
    name: 'A place of the day is given back after an hour',
    file: sql('taken_places'),
    text: "and c.at > verne.now() - interval '24 hours'",
    by: "and c.at > verne.now() - interval '1 hour'",
    claim: 'counts when Jules was asked, not when it was let in',
  },
]);

const limits = killedBy('test/guilds/budgets.test.ts', [
  {
    name: 'A budget lets one more through',
    file: 'supabase/schemas/guilds/over_budget.sql',
    text: 'if used >= bound.per_day + extra then',
    by: 'if used > bound.per_day + extra then',
    claim: 'of a day stops hard, and says when there is room again',
  },
  {
    name: 'The budgets of one server count in every other',
    file: 'supabase/schemas/guilds/budget_of.sql',
    text: "where b.guild_id = actor ->> 'guild' and (b.kind",
    by: 'where (b.kind',
    claim: 'of another server is none of this one',
  },
]);

export const taskMutants = [
  ...deciding,
  ...approving,
  ...expiring,
  ...asking,
  ...commands,
  ...reporting,
  ...keys,
  ...places,
  ...limits,
];
