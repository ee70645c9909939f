import { handleInteraction } from '#discord/interactions.ts';
import type { Reply } from '#discord/reply.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { aDoor, askFor, setUp } from '../discord/setting.ts';
import type { TestDatabase } from './database.ts';
import { aCommand, anInteraction, aPress, here, newSnowflake, PEOPLE, type Person } from './interaction.ts';
import { type Foreign, type Probe, pressOf, type Tampered, tampered } from './probes.ts';
import { seeded } from './seeded.ts';
import { someSources } from './tasks.ts';

export const SECRET = 'secret-of-b';

/** Ids of the same shape that nobody ever had. */
export const neverWas = (): Foreign => ({
  task: crypto.randomUUID(),
  role: newSnowflake(),
  channel: newSnowflake(),
  user: newSnowflake(),
  repo: `never-was/${newSnowflake().slice(-8)}`,
  last4: '0z0z',
});

async function keyOf({ sql }: TestDatabase) {
  const [row] = await sql`select id::text from verne.keys where guild_id = ${here.guild} and revoked_at is null`;
  return String(row?.id);
}

/** Two servers that are set up, each with a task and repositories of its own; people are then in the first. */
export async function twoServers(db: TestDatabase) {
  await setUp(db);
  await someSources(db, await keyOf(db), ['acme/site', `${SECRET}/site`]);
  const theirs: Foreign = { ...neverWas(), task: await askFor(db, SECRET), repo: `${SECRET}/site` };
  const guildB = here.guild;
  await setUp(db);
  await someSources(db, await keyOf(db), ['acme/site']);
  const own = await askFor(db, 'Ours');
  return { guildA: here.guild, guildB, theirs, own };
}
export type TwoServers = Awaited<ReturnType<typeof twoServers>>;

/** Everything that is stored of a server, but for its audit. */
export async function storedOf({ sql }: TestDatabase, guild: string): Promise<string> {
  const rows = await sql`select
    (select to_jsonb(g) - 'revision' from public.guilds g where g.guild_id = ${guild}) as guild,
    (select jsonb_agg(to_jsonb(t) order by t.id) from public.tasks t join public.guilds g on g.id = t.guild_id where g.guild_id = ${guild}) as tasks,
    (select jsonb_agg(to_jsonb(x) order by x.id) from verne.grants x where x.guild_id = ${guild}) as grants,
    (select jsonb_agg(to_jsonb(x) order by x.kind, x.pattern) from verne.allow_lists x where x.guild_id = ${guild}) as allow,
    (select jsonb_agg(to_jsonb(x) order by x.kind, x.id) from verne.budgets x where x.guild_id = ${guild}) as budgets,
    (select jsonb_agg(to_jsonb(x) order by x.id) from verne.raises x where x.guild_id = ${guild}) as raises,
    (select jsonb_agg(to_jsonb(x) - 'used_at' order by x.id) from verne.keys x where x.guild_id = ${guild}) as keys,
    (select jsonb_agg(to_jsonb(x) order by x.kind, x.id) from verne.repo_choices x where x.guild_id = ${guild}) as choices`;
  return JSON.stringify(rows);
}

/** The storage port by which only every so manyth of the door's own refusals is audited: a million would be the test. */
function sparing(rpc: Rpc, every: number): Rpc {
  let refusals = 0;
  return async (name, args, options) => {
    if (name === 'record_refusal' && ++refusals % every !== 0) return { kind: 'recorded' };
    return rpc(name, args, options);
  };
}

export const isRefused = (reply: Reply) =>
  reply.kind === 'message' && reply.refused !== undefined && reply.refused !== 'defect';

const AT_ONCE = 8;
const SILENT = makeLog({ level: 'silent', secrets: [] });

/** So many of `next`, some at once; throws at the first that `isFine` does not like. */
async function pour<One>(count: number, next: () => One, send: (one: One) => Promise<void>) {
  let left = count;
  const line = async () => {
    while (left-- > 0) await send(next());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
}

/** T07: the answers to one probe with what is the other server's, and with what never was; without the words of the asker. */
export async function askBoth(db: TestDatabase, { theirs, guildA }: TwoServers, { payload }: Probe, turned = false) {
  const person: Person = { ...PEOPLE.approver, permissions: 1n << 3n };
  const answers: { readonly text: string; readonly tookMs: number }[] = [];
  const order = turned ? [neverWas(), theirs] : [theirs, neverWas()];
  for (const from of order) {
    for (const table of ['grants', 'allow_lists', 'repo_choices'])
      await db.sql`delete from verne.${db.sql(table)} where guild_id = ${guildA}`;
    const startedAt = performance.now();
    const reply = JSON.stringify(await aDoor(db.rpc, { log: SILENT }).say(payload(person, from)));
    const tookMs = performance.now() - startedAt;
    const blind = Object.values(from).reduce((text, id) => text.replaceAll(id, '…'), reply);
    answers.push({ text: blind.replaceAll(/#\d+/g, '#'), tookMs });
  }
  const [first, second] = answers;
  return turned ? { theirs: second, never: first } : { theirs: first, never: second };
}

/** T05: ids that were tampered with, pressed by one who may do everything here. Gives back how many of each kind. */
export async function pressTampered(db: TestDatabase, { theirs, own }: TwoServers, count: number, seed: number) {
  const random = seeded(seed);
  const { deps } = aDoor(sparing(db.rpc, 500), { log: SILENT });
  const person: Person = { ...PEOPLE.approver, permissions: 1n << 3n };
  const kinds = new Map<string, number>();
  const next = (): Tampered & { readonly vouched: boolean } => ({
    ...tampered(random, theirs),
    vouched: random.below(2) === 0,
  });
  await pour(count, next, async ({ kind, id, vouched }) => {
    const reply = await handleInteraction(deps, pressOf(person, id, vouched, `v1:confirm:${own}`));
    if (!isRefused(reply))
      throw new Error(`${kind}: ${JSON.stringify(id)} (${vouched}) was answered ${JSON.stringify(reply)}`);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  });
  return kinds;
}

const selectOf = (person: Person, customId: string, type: number, values: readonly string[]) => {
  const press = aPress(person, customId, values);
  Object.assign(press.data ?? {}, { component_type: type, resolved: {} });
  return press;
};

/** T06: what selects, dialogs and half-typed options carry, with what belongs to the other server. */
export async function sendForeignValues(db: TestDatabase, { theirs }: TwoServers, count: number, seed: number) {
  const random = seeded(seed);
  const { deps } = aDoor(sparing(db.rpc, 500), { log: SILENT });
  const person: Person = { ...PEOPLE.approver, permissions: 1n << 3n };
  const typing = (name: string, options: readonly object[]) =>
    anInteraction(person, 4, { data: { id: '1', name, type: 1, options } });
  const repo = () => `${random.pick([theirs.repo, SECRET, SECRET.slice(0, 1 + random.below(SECRET.length))])}`;
  const kinds: readonly (() => Parameters<typeof handleInteraction>[1])[] = [
    () => selectOf(person, `v1:roles:${random.pick(['create', 'confirm'])}`, 6, [theirs.role, newSnowflake()]),
    () => selectOf(person, 'v1:notice:people', 5, [theirs.user]),
    () => selectOf(person, 'v1:notice:how', 3, [random.pick([theirs.role, 'everybody', '__proto__', ''])]),
    () => typing('jules', [{ name: 'repo', type: 3, value: repo(), focused: true }]),
    () =>
      typing('jules', [
        { name: 'repo', type: 3, value: theirs.repo },
        { name: 'branch', type: 3, value: random.pick(['', 'd', 'dev']), focused: true },
      ]),
    () => typing('can-i', [{ name: 'repo', type: 3, value: repo(), focused: true }]),
    () => pressOf(person, `v1:reject-reason:${theirs.task}`, true, ''),
    () => aCommand(person, 'jules', { prompt: 'x', repo: theirs.repo }),
  ];
  let answered = 0;
  await pour(
    count,
    () => random.pick(kinds)(),
    async (payload) => {
      const reply = await handleInteraction(deps, payload);
      const isFine = reply.kind === 'choices' ? !JSON.stringify(reply).includes(SECRET) : isRefused(reply);
      if (!isFine) throw new Error(`${JSON.stringify(payload.data)} was answered ${JSON.stringify(reply)}`);
      answered += 1;
    },
  );
  return { answered, kinds: kinds.length };
}
