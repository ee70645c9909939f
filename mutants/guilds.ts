import { killedBy } from './mutant.ts';

const sql = (name: string) => `supabase/schemas/guilds/${name}.sql`;
const POLICIES = 'supabase/migrations/20261120111600_guard_the_dashboard_contract.sql';

/** What a key is sealed with, and whom it opens for. */
const sealing = killedBy('test/guilds/keyring.test.ts', [
  {
    name: 'A seal is bound to nothing: the authenticated data are constant',
    file: 'src/guilds/keyring.ts',
    text: "const parts = ['verne1', purpose, 'keys', binding.id, binding.guild ?? '', binding.owner ?? '', version];",
    by: "const parts = ['verne1'];",
    claim: 'what was sealed is opened again, and only by its own row and owner',
  },
  {
    name: 'A seal opens for another server and another owner',
    file: 'src/guilds/keyring.ts',
    text: "binding.guild ?? '', binding.owner ?? '', version]",
    by: "'', '', version]",
    claim: 'what was sealed is opened again, and only by its own row and owner',
  },
  {
    name: 'A removed key is not revoked, and still opens',
    file: sql('revoke_keys'),
    text: 'where k.id in (',
    by: 'where false and k.id in (',
    claim: 'a removed key opens nothing any more',
  },
  {
    name: 'A removed key is replaced by the key of somebody else',
    file: sql('find_key'),
    text: 'and k.guild_id is not distinct from asked.guild_id and k.owner_id is not distinct from asked.owner_id',
    by: '',
    claim: 'a removed key of a person is not replaced by the key that somebody else has of the same account',
  },
]);

const using = killedBy('test/guilds/key-use.test.ts', [
  {
    name: 'A server’s task runs with the key of another server',
    file: sql('keys_for'),
    text: "or k.guild_id = actor ->> 'guild'",
    by: 'or k.guild_id is not null',
    claim: 'a task runs with a key of its requester or of its server, whoever else has one (T16)',
  },
]);

const listing = killedBy('test/guilds/key-listings.test.ts', [
  {
    name: 'What opens a key is handed to whoever is signed in',
    file: sql('read_key'),
    text: 'revoke all on function public.read_key from public, anon, authenticated;',
    by: 'grant execute on function public.read_key to authenticated;',
    claim: 'what opens a key is handed to nobody but the bot',
  },
]);

const auditing = killedBy('test/guilds/audit.test.ts', [
  {
    name: 'An entry of the audit does not cover the one before it',
    file: sql('append_audit'),
    text: "sha256(coalesce(last.hash, '') || convert_to(",
    by: 'sha256(convert_to(',
    claim: 'a chain that nobody touched is whole, page by page, and its head is the last entry',
  },
  {
    name: 'The audit names people by their Discord ids',
    file: sql('append_audit'),
    text: "entry.args := verne.without_names(coalesce(append_audit.args, '{}'));",
    by: "entry.args := coalesce(append_audit.args, '{}');",
    claim: 'names people by pseudonym, in its arguments too',
  },
]);

const gate = killedBy('test/guilds/gate.test.ts', [
  {
    name: 'Whoever is not known to be no administrator is one',
    file: sql('may'),
    text: "coalesce((actor ->> 'admin')::boolean, false)",
    by: "coalesce((actor ->> 'admin')::boolean, true)",
    claim: 'somebody of whom nobody knows that they administer (%s) is refused',
  },
]);

const access = killedBy('test/guilds/access.test.ts', [
  {
    name: 'A grant of one server counts in every other',
    file: sql('grants_for'),
    text: 'where g.guild_id = grants_for.guild_id\n    and (g.operation',
    by: 'where (g.operation',
    claim: 'of another server, or to a role of the same number elsewhere, gives nothing here',
  },
  {
    name: 'A grant that is limited to a repository holds on all of them',
    file: sql('granted'),
    text: "and (g.repo is null or scope ->> 'repo' is null or verne.fits(lower(scope ->> 'repo'), lower(g.repo)))",
    by: '',
    claim: 'to confirm on one repository confirms there alone',
  },
]);

const bounds = killedBy('test/tasks/decide-bounds.test.ts', [
  {
    name: 'What a server keeps to is not asked for again where what waits is confirmed',
    file: sql('may_not_begin'),
    text: 'else verne.out_of_bounds(actor, scope) end',
    by: 'else null end',
    claim: 'holds for what waits, too: of a %s that was closed meanwhile nothing is confirmed',
  },
]);

const rates = killedBy('test/guilds/rates.test.ts', [
  {
    name: 'Many at once are looked at before any of them is counted',
    file: sql('take_rate'),
    text: 'coalesce(verne.too_fast(actor, false), verne.too_fast(actor, true))',
    by: 'verne.too_fast(actor, false)',
    claim: 'a hundred at once are counted as a hundred one by one',
  },
  {
    name: 'Every refusal of a flood is written down',
    file: sql('take_rate'),
    text: 'and not r.is_told;',
    by: ';',
    claim: 'a flood of refusals leaves one entry in the audit, until something passes again',
  },
]);

/** The dashboard’s rows. */
const rows = killedBy('test/db/access-matrix.test.ts', [
  {
    name: 'A policy is dropped: everybody who is signed in sees every server',
    file: POLICIES,
    text: "on public.guilds for select to authenticated\n  using (guild_id in (select verne.my_guilds('read')));",
    by: 'on public.guilds for select to authenticated\n  using (true);',
    claim: 'everybody may do exactly what is declared, and no table of the contract is left out',
  },
  {
    name: 'A policy forgets the server: everybody sees every task',
    file: POLICIES,
    text: "or guild_id in (select g.id from public.guilds g where g.guild_id in (select verne.my_guilds('read'))));",
    by: 'or guild_id is not null);',
    claim: 'the policies alone hold the same, without the guards that say why',
  },
  {
    name: 'Who does not administer a server edits it',
    file: sql('my_guilds'),
    text: 'in (select verne.my_discord_ids()) and m.is_admin',
    by: 'in (select verne.my_discord_ids())',
    claim: 'everybody may do exactly what is declared, and no table of the contract is left out',
  },
]);

const keeping = killedBy('test/guilds/retention.test.ts', [
  {
    name: 'Notes are kept for ever',
    file: 'supabase/schemas/discord/prune_messages.sql',
    text: "m.posted_at < verne.now() - interval '90 days')",
    by: "m.posted_at < verne.now() - interval '900 days')",
    claim: 'is kept for as long as the operator is told, and no longer: $what',
  },
]);

export const guildMutants = [
  ...sealing,
  ...using,
  ...listing,
  ...auditing,
  ...gate,
  ...access,
  ...bounds,
  ...rates,
  ...rows,
  ...keeping,
];
