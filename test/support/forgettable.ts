import type { TestDatabase } from './database.ts';
import { anAdmin, anApprover, aRequester, aServer, aTask, CONFIRM_ROLE, CREATE_ROLE } from './tasks.ts';

/** People who left traces in every table that can hold one. */

export const HOME = '920000000000000001';

export type Traced = { readonly id: string; readonly tasks: readonly string[]; readonly traces: readonly string[] };

const OTHER = anApprover({ guild: HOME, id: '100000000000000900', name: 'keeper' });

export async function aHome(db: TestDatabase) {
  await aServer(db, { guild: HOME });
  const changes = { approver_notice: 'dm', approver_people: [OTHER.id] };
  await db.rpc('change_settings', { actor: anAdmin({ guild: HOME }), changes });
}

/** Done by calls, as they happen; what only outside services bring is written as the bot would. */
export async function aTracedPerson(db: TestDatabase, n: number): Promise<Traced> {
  const { rpc, sql } = db;
  const id = `1000000000000${String(10_000 + n)}`;
  const guild = `93000000000000${String(1000 + n)}`;
  const name = `Zebulon${n}Quux`;
  const word = (what: string) => `qz${what}${n}zq`;
  const me = aRequester({ guild: HOME, id, name, roles: [CREATE_ROLE, CONFIRM_ROLE] });
  const asker = { ...me, roles: [CREATE_ROLE] };
  const admin = anAdmin({ guild: HOME });
  const myServer = anAdmin({ guild, id, name });

  const authId = crypto.randomUUID();
  await sql`insert into auth.users (id, email, raw_user_meta_data) values (${authId}, ${`${word('mail')}@example.org`}, ${sql.json({ full_name: name, provider_id: id })})`;
  await sql`insert into auth.identities (user_id, provider, provider_id) values (${authId}, 'discord', ${id})`;
  await rpc('change_settings', { actor: admin, changes: { approver_people: [OTHER.id, id] } });
  await rpc('change_settings', { actor: myServer, changes: { approver_people: [id], default_repo: 'octo/repo' } });
  await sql`update public.users set id = ${authId}, email = ${`${word('mail')}@example.org`} where discord_id = ${id}`;
  await rpc('pause_guild', { actor: myServer, pause: true });
  await rpc('record_refusal', {
    actor: { ...me, guild: null, channel: `94000000000000${1000 + n}` },
    operation: 'task.create',
    code: 'not_in_a_server',
  });

  const sealed = { wrapped: 'x', kek_version: '1', per_day: 100, at_once: 15 };
  const key = crypto.randomUUID();
  await rpc('store_key', {
    actor: myServer,
    owner: 'server',
    sealed: { ...sealed, id: crypto.randomUUID(), sealed: 'x', last4: 'srvr', fingerprint: crypto.randomUUID() },
  });
  await rpc('store_key', {
    actor: me,
    owner: 'person',
    sealed: { ...sealed, id: key, sealed: word('sealed'), last4: String(7000 + n), fingerprint: crypto.randomUUID() },
  });
  const source = {
    name: `sources/github/${word('private')}/repo`,
    repo: `${word('private')}/repo`,
    default_branch: 'main',
    branches: [],
  };
  await rpc('record_sources', {
    key_id: key,
    sources: [source, { ...source, name: 'sources/github/octo/repo', repo: 'octo/repo' }],
  });
  await rpc('choose_repo', { actor: me, kind: 'person', id, repo: 'octo/repo' });
  await rpc('choose_plans', { actor: me, plans: 'read' });
  await rpc('change_budget', { actor: admin, budget: { kind: 'person', id, per_day: 50, at_once: 50 } });
  await rpc('raise_budget', { actor: OTHER, person: id, extra: 3 });
  await rpc('raise_budget', { actor: me, person: OTHER.id, extra: 3 });

  const rejected = await aTask(db, asker, { prompt: `${word('prompt')} one` });
  await rpc('decide_task', { actor: OTHER, task_id: rejected.id, verb: 'reject', reason: word('reason') });
  const ran = await aTask(db, asker, { prompt: `${word('prompt')} two` });
  await rpc('decide_task', { actor: OTHER, task_id: ran.id, verb: 'confirm' });
  await sql`insert into verne.plans (task_id, hash, steps) values (${ran.id}, 'h', ${sql.json([{ title: word('plan') }])})`;
  await sql`insert into verne.activities (task_id, name, kind, created_at, body) values (${ran.id}, ${`a/${n}`}, 'message', now(), ${sql.json({ text: word('said') })})`;
  await sql`insert into verne.patches (task_id, patch, chars) values (${ran.id}, ${word('patch')}, 9)`;
  await sql`update verne.sessions set progress = ${sql.json({ question: word('question') })} where task_id = ${ran.id}`;
  const facts = { guild_id: HOME, text: word('note'), by: id };
  for (const place of ['thread', 'channel'])
    await sql`select verne.add_message(${`task:${ran.id}`}, 'note', 'question', ${sql.json({ place, id: '200000000000000001' })}, ${sql.json(facts)}, ${`${place}${n}`})`;
  await rpc('decide_task', { actor: OTHER, task_id: ran.id, verb: 'cancel' });
  await sql`update public.tasks set last_error = ${word('error')} where id = ${ran.id}`;

  const theirs = await aTask(db, { ...OTHER, roles: [CREATE_ROLE] }, { prompt: `kept words ${n}` });
  await rpc('decide_task', { actor: me, task_id: theirs.id, verb: 'confirm' });
  await rpc('decide_task', { actor: me, task_id: theirs.id, verb: 'cancel', reason: word('mine') });
  const [letter] = await sql<
    { id: string }[]
  >`select id from verne.messages where place = 'dm' and place_id = ${id} limit 1`;
  await rpc('park_message', {
    id: letter?.id ?? '',
    reason: 'dm_closed',
    instead: { place: 'channel', id: '200000000000000001' },
  });
  await sql`insert into verne.rates (key, tat) values (${`person:${id}`}, now()), (${`person_in_server:${HOME}:${id}`}, now()) on conflict do nothing`;
  const [delivery] = await sql<
    { id: string }[]
  >`update verne.deliveries set last_error = ${`no answer to ${id}`} where key = ${`task:${ran.id}`} returning id`;
  await sql`insert into verne.failures (delivery_id, attempt, error) values (${delivery?.id ?? ''}, 1, ${`no answer to ${id}`})`;

  const words = [
    'mail',
    'sealed',
    'private',
    'prompt',
    'reason',
    'plan',
    'said',
    'patch',
    'question',
    'note',
    'error',
    'mine',
  ];
  return {
    id,
    tasks: [rejected.id, ran.id, theirs.id],
    traces: [id, name, authId, `94000000000000${1000 + n}`, ...words.map(word)],
  };
}

/** Every row of every table of the database, as text. */
export async function dumpOf({ sql }: TestDatabase): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema')`;
  const parts = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await sql.unsafe<{ text: string }[]>(`select t::text as text from ${name} t`);
      return rows.map(({ text }) => `${name}: ${text}`).join('\n');
    }),
  );
  return parts.join('\n');
}

export const tracesIn = (dump: string, { traces }: Traced) =>
  traces.flatMap((trace) => {
    const line = dump.split('\n').find((one) => one.includes(trace));
    return line ? [`${trace} in ${line.slice(0, 160)}`] : [];
  });
