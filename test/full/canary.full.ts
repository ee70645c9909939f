import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicKey } from '../http/support.ts';
import { spellingsOf } from '../support/canary.ts';
import { allIlls, CANARY, hitsIn, PRIVATE_PARTS, promptWithSecrets, SHAPED, walk } from '../support/canary-walk.ts';
import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
import { recordFigure } from '../support/figures.ts';
import { MASTER_KEYS } from '../support/tasks.ts';

let world: CanaryWorld;
beforeAll(async () => {
  world = await startCanaryWorld({ keys: [CANARY, SHAPED], publicKey });
  await world.start();
}, 60_000);
afterAll(() => world?.stop());

test('two keys leave no trace in any flow or error: log, database, Discord, HTTP, scripts, audit (C01, C07)', async () => {
  const { places, echoes, bytes } = await walk(world, allIlls());
  for (const value of [CANARY, SHAPED, MASTER_KEYS.slice(2)]) expect(hitsIn(places, value)).toEqual([]);
  const megabytes = (bytes / 1e6).toFixed(1);
  const figure = `2 keys, ${allIlls().length} errors of Jules that repeat them (${echoes} answers in ${spellingsOf(CANARY).length} spellings), ${places.length} places, ${megabytes} MB searched for every 12 characters: 0 hits`;
  await recordFigure('C01', figure);
  const dump = places.find(([where]) => where === 'a dump of the database')?.[1] ?? '';
  await recordFigure('C07', `all tables as text, ${(dump.length / 1e6).toFixed(1)} MB: no plain key and no master key`);
});

test('secrets in a prompt are in no card, thread, log line, event or audit entry (C01)', async () => {
  const places = await promptWithSecrets(world);
  for (const secret of PRIVATE_PARTS) expect(hitsIn(places, secret)).toEqual([]);
});
