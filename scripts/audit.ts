/** `npm run audit -- verify|export|heads`: proves that nobody changed the audit, hands it out, shows the last hashes. */
import { parseArgs } from 'node:util';
import { readConfig } from '#config.ts';
import { openConfigured } from '#db/open-database.ts';
import { type AuditHead, readAudit, readHeads, verifyChain } from '#guilds/audit.ts';
import { messageOf, Refusal } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';

const USAGE = `npm run audit -- heads                                  the last hash of every server
npm run audit -- verify [--guild ID] [--head SEQ:HASH]  follows the chain of one server, or of all
npm run audit -- export --guild ID                       one entry a line, as JSON
--head: an entry's number and hash that you kept elsewhere; the log has them each hour (event audit.head).`;

type Wish = {
  readonly verb: string;
  readonly guild: string | undefined;
  readonly head: Omit<AuditHead, 'guild_id'> | undefined;
};

function readWish(): Wish {
  const options = { guild: { type: 'string' }, head: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [verb = ''] = positionals;
  if (!['heads', 'verify', 'export'].includes(verb))
    throw new Refusal('usage', 'Say what to do: heads, verify or export.');
  if (values.guild !== undefined && !/^(\d{15,20})?$/.test(values.guild))
    throw new Refusal('usage', '--guild wants the id of a Discord server, 15 to 20 digits.');
  if (verb === 'export' && values.guild === undefined) throw new Refusal('usage', 'export wants --guild.');
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(values.head ?? '') ?? [];
  if (values.head !== undefined && !(seq && hash && values.guild !== undefined))
    throw new Refusal('usage', '--head wants an entry as NUMBER:HASH, and --guild with it.');
  return { verb, guild: values.guild, head: seq && hash ? { seq, hash } : undefined };
}

const named = (guild: string) => (guild === '' ? 'outside any server' : `server ${guild}`);

async function verify(rpc: Rpc, { guild, head }: Wish): Promise<boolean> {
  const guilds = guild === undefined ? (await readHeads(rpc)).map(({ guild_id }) => guild_id) : [guild];
  let isWhole = true;
  for (const one of guilds) {
    const verdict = await verifyChain(readAudit(rpc, one), one, head);
    if (verdict.kind === 'whole') console.log(`${named(one)}: whole, ${verdict.entries} entries.`);
    else console.error(`${named(one)}: broken at entry ${verdict.seq}: ${verdict.why}.`);
    isWhole &&= verdict.kind === 'whole';
  }
  return isWhole;
}

async function run(rpc: Rpc, wish: Wish): Promise<boolean> {
  if (wish.verb === 'verify') return verify(rpc, wish);
  if (wish.verb === 'heads') for (const head of await readHeads(rpc)) console.log(JSON.stringify(head));
  else for await (const entry of readAudit(rpc, wish.guild ?? '')) console.log(JSON.stringify(entry));
  return true;
}

try {
  const wish = readWish();
  const log = makeLog({ level: 'warn', secrets: [], destination: process.stderr });
  const database = await openConfigured(readConfig(process.env), log);
  try {
    if (!(await run(database.worker, wish))) process.exitCode = 1;
  } finally {
    await database.stop();
  }
} catch (error) {
  const isUsage = error instanceof Refusal && error.code === 'usage';
  console.error(isUsage ? `${messageOf(error)}\n${USAGE}` : messageOf(error));
  process.exitCode = isUsage ? 2 : 1;
}
