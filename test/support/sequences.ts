import type { Rpc, RpcArgs } from '#kernel/rpc.ts';
import type { TestDatabase } from './database.ts';
import type { Seeded } from './seeded.ts';
import { anAdmin, anApprover, aRequester, aServer, CONFIRM_ROLE, CREATE_ROLE } from './tasks.ts';

/** Random deeds of people, and what each of them left in the database: a change of state, an entry, or neither. */

const GUILD = '960000000000000001';
const ROLES = [CREATE_ROLE, CONFIRM_ROLE, '300000000000000003'];

const STATE = [
  'public.tasks',
  'verne.approvals',
  'verne.grants',
  'verne.allow_lists',
  'verne.budgets',
  'verne.raises',
  'verne.keys',
  'verne.repo_choices',
  'verne.service',
];

/** From now on every transaction that changes what people decide, or that appends to the audit, is written down. */
export async function watchChanges({ sql }: TestDatabase) {
  await sql.unsafe(`
    create table public.seen (tx text not null, what text not null, operation text);
    create function public.see() returns trigger language plpgsql security definer as $$
    begin insert into public.seen values (pg_current_xact_id()::text, tg_argv[0], to_jsonb(new) ->> 'outcome'); return null; end $$;
    create trigger see after insert on verne.audit for each row execute function public.see('audit');
    ${STATE.map((table) => `create trigger see after insert or update or delete on ${table} for each row execute function public.see('${table}');`).join('\n')}
    create trigger see after update of permissions, default_repo, default_branch, approver_notice, approver_people, approvals_needed,
      self_approval, expire_hours, key_rule, paused_at on public.guilds for each row execute function public.see('public.guilds')`);
}

type Deed = (rpc: Rpc, random: Seeded) => Promise<unknown>;

const people = [
  anAdmin({ guild: GUILD }),
  anApprover({ guild: GUILD }),
  anApprover({ guild: GUILD, id: '100000000000000005' }),
  aRequester({ guild: GUILD }),
  aRequester({ guild: GUILD, id: '100000000000000006', roles: [] }),
  aRequester({ guild: '960000000000000002', id: '100000000000000007' }),
];
const ids = people.map(({ id }) => id);
const [admin = anAdmin()] = people;

/** Half of what is done is done by one who may do it. */
const deed =
  (name: string, args: (random: Seeded) => RpcArgs): Deed =>
  (rpc, random) =>
    rpc(name, {
      actor: { ...random.pick([...people, admin, admin, admin, admin]), correlation: crypto.randomUUID() },
      ...args(random),
    });

const tasks: string[] = [];
const request: Deed = async (rpc, random) => {
  const wish = { prompt: 'Fix it', repo: random.pick(['octo/repo', 'octo/other', 'other/repo', null]) };
  const request_key = random.below(10) === 0 ? 'the same' : crypto.randomUUID();
  const answer = (await rpc('request_task', { actor: random.pick(people), request_key, wish })) as {
    task?: { id: string };
  };
  if (answer.task) tasks.push(answer.task.id);
};
const decide = deed('decide_task', ({ pick, below }) => ({
  task_id: tasks.length > 0 ? (tasks[tasks.length - 1 - below(Math.min(6, tasks.length))] ?? '') : crypto.randomUUID(),
  verb: pick(['confirm', 'confirm', 'reject', 'cancel']),
}));

const aKey = () => ({
  id: crypto.randomUUID(),
  sealed: 'x',
  wrapped: 'x',
  kek_version: '1',
  last4: '1a2b',
  fingerprint: crypto.randomUUID(),
  per_day: 1000,
  at_once: 500,
});

const DEEDS: readonly Deed[] = [
  request,
  request,
  request,
  decide,
  decide,
  decide,
  decide,
  deed('change_settings', ({ pick }) => ({
    changes: pick([
      { approvals_needed: 1 },
      { approvals_needed: 2 },
      { self_approval: false },
      { default_branch: 'dev' },
      { approver_people: ids.slice(0, 2) },
    ]),
  })),
  deed('change_grant', ({ pick, below }) => ({
    wish: { give: below(2) === 0, role_id: pick(ROLES), operation: pick(['task.create', 'task.confirm']) },
  })),
  deed('change_allow_list', ({ pick, below }) => ({
    kind: 'repo',
    pattern: pick(['octo/*', 'other/*']),
    give: below(2) === 0,
  })),
  deed('change_budget', ({ pick }) => ({
    budget: { kind: 'person', id: pick(ids), per_day: pick([null, 5000]), at_once: null },
  })),
  deed('raise_budget', ({ pick }) => ({ person: pick([...ids, null]), extra: 1 })),
  deed('pause_guild', ({ below }) => ({ pause: below(3) === 0 })),
  deed('choose_repo', ({ pick }) => ({
    kind: pick(['person', 'channel']),
    id: '200000000000000001',
    repo: pick(['octo/repo', null]),
  })),
  deed('store_key', ({ pick }) => ({ owner: pick(['server', 'person']), sealed: aKey() })),
  deed('remove_key', () => ({ owner: 'person' })),
];

export async function actAtRandom(db: TestDatabase, random: Seeded, sequences: number) {
  for (let n = 0; n < sequences; n += 1) {
    const length = 1 + random.below(4);
    for (let at = 0; at < length; at += 1) await random.pick(DEEDS)(db.rpc, random);
  }
}

export const prepareServer = (db: TestDatabase) => aServer(db, { guild: GUILD, perDay: 100_000, atOnce: 50_000 });

/** Transactions by what they did. `unseen` changed something and have no entry that allowed it. */
export async function countDeeds({ sql }: TestDatabase) {
  const [counts] = await sql<
    {
      changes: number;
      entries: number;
      refused: number;
      unseen: number;
      doubled: number;
      changed_though_refused: number;
    }[]
  >`
    with deeds as (
      select tx, bool_or(what <> 'audit') as changes, bool_or(what in ('public.tasks', 'verne.approvals')) as of_tasks,
        count(*) filter (where operation = 'allowed')::int as allowed, count(*) filter (where operation like 'refused%')::int as refused
      from public.seen group by tx)
    select count(*) filter (where changes)::int as changes, count(*) filter (where changes and allowed = 1)::int as entries,
      count(*) filter (where refused > 0)::int as refused, count(*) filter (where changes and allowed = 0)::int as unseen,
      count(*) filter (where allowed + refused > 1)::int as doubled, count(*) filter (where changes and refused > 0)::int as changed_though_refused
    from deeds`;
  if (!counts) throw new Error('no counts');
  return counts;
}
