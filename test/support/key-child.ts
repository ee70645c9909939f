/**
 * A process that puts keys under another master key (`rotate`), or opens keys one after the other (`open`), and says
 * after each round how it went. It ends when it is killed, or when it has put all over.
 */

import { connect, postgresRpc } from '#db/postgres.ts';
import { openKey, readKeyring } from '#guilds/keyring.ts';
import { rotateKeys } from '#guilds/rotate-keys.ts';
import { keyId } from '#kernel/ids.ts';
import { plainOf } from './key-rows.ts';

const [mode = '', url = '', ring = ''] = process.argv.slice(2);
const sql = connect(url, { max: 2, applicationName: `verne test ${mode}` });
const rpc = postgresRpc(sql);
const keyring = readKeyring(ring);
const say = (facts: object) => process.stdout.write(`${JSON.stringify(facts)}\n`);

async function openForEver(ids: readonly string[]) {
  for (let opened = 0, failed = 0; ; ) {
    const id = ids[Math.floor(Math.random() * ids.length)] ?? '';
    const key = await openKey(rpc, keyring, keyId(id)).catch(() => null);
    if (key?.reveal() === plainOf(id)) opened += 1;
    else failed += 1;
    if ((opened + failed) % 20 === 0) say({ opened, failed });
  }
}

say({ began: true });
if (mode === 'open') {
  const chunks: string[] = [];
  for await (const chunk of process.stdin.setEncoding('utf8')) chunks.push(String(chunk));
  await openForEver(JSON.parse(chunks.join('')) as string[]);
} else {
  const { done, broken } = await rotateKeys(rpc, keyring);
  say({ done, broken: broken.length });
  await sql.end({ timeout: 5 });
}
