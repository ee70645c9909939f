/** `npm run audit -- verify|export|heads`: proves that nobody changed the audit, hands it out, shows the last hashes. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { readConfig } from '#config.ts';
import { openConfigured } from '#db/open-database.ts';
import { type AuditHead, auditHead, readAudit, readForgotten, readHeads, verifyChain } from '#guilds/audit.ts';
import { messageOf, Refusal } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { type AuditWish, readAuditWish, UsageError } from './audit-wish.ts';

function headIn(line: string): AuditHead[] {
  try {
    const { data } = auditHead.safeParse(JSON.parse(line));
    return data && /^\d{1,18}$/.test(data.seq) ? [data] : [];
  } catch {
    return [];
  }
}

/** The heads in a file, between whatever other lines it has. */
async function keptHeads({ head, heads }: AuditWish): Promise<AuditHead[]> {
  const given = head ? [head] : [];
  if (heads === undefined) return given;
  const found: AuditHead[] = [];
  for await (const line of createInterface({ input: createReadStream(heads) })) found.push(...headIn(line));
  if (found.length === 0) throw new Refusal('no_heads', `${heads} has no heads of an audit.`);
  return [...given, ...found];
}

const named = (guild: string) => (guild === '' ? 'outside any server' : `server ${guild}`);
const counted = (entries: number) => (entries === 1 ? '1 entry' : `${entries} entries`);

async function verify(rpc: Rpc, wish: AuditWish): Promise<boolean> {
  const kept = await keptHeads(wish);
  const known = [...(await readHeads(rpc)), ...kept].map(({ guild_id }) => guild_id);
  const forgotten = await readForgotten(rpc);
  let isWhole = true;
  for (const one of wish.guild === undefined ? new Set(known) : [wish.guild]) {
    const heads = kept.filter(({ guild_id }) => guild_id === one);
    const verdict = await verifyChain(readAudit(rpc, one), one, { kept: heads, forgotten });
    if (verdict.kind === 'whole') console.log(`${named(one)}: whole, ${counted(verdict.entries)}.`);
    else console.error(`${named(one)}: broken at entry ${verdict.seq}: ${verdict.why}.`);
    isWhole &&= verdict.kind === 'whole';
  }
  return isWhole;
}

async function run(rpc: Rpc, wish: AuditWish): Promise<boolean> {
  if (wish.verb === 'verify') return verify(rpc, wish);
  if (wish.verb === 'heads') for (const head of await readHeads(rpc)) console.log(JSON.stringify(head));
  else for await (const entry of readAudit(rpc, wish.guild ?? '')) console.log(JSON.stringify(entry));
  return true;
}

try {
  const wish = readAuditWish(process.argv.slice(2));
  const log = makeLog({ level: 'warn', secrets: [], destination: process.stderr });
  const database = await openConfigured(readConfig(process.env), log);
  try {
    if (!(await run(database.worker, wish))) process.exitCode = 1;
  } finally {
    await database.stop();
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
