import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicKey } from '../http/support.ts';
import { spellingsOf } from '../support/canary.ts';
import { allIlls, CANARY, hitsIn, PRIVATE_PARTS, promptWithSecrets, SHAPED, walk } from '../support/canary-walk.ts';
import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
import { recordFigure } from '../support/figures.ts';
import { enterMany, textOptions } from '../support/key-dialogs.ts';
import { MASTER_KEYS } from '../support/tasks.ts';

const DIALOGS = Number(process.env['VERNE_DIALOGS'] ?? 100);

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

// The last one: it leaves many keys that no simulated Jules knows.
test('keys that are entered in dialogs, by both doors and delivered twice, are shown to nobody again (C09)', async () => {
  const { places, sent, keys } = await enterMany(world, DIALOGS);
  expect(hitsIn(places, ...keys)).toEqual([]);
  const options = (await world.state()).commands.flatMap(textOptions);
  expect(options.filter((name) => /key|secret|token|password/.test(name))).toEqual([]);
  const bytes = places.reduce((sum, [, text]) => sum + text.length, 0);
  await recordFigure(
    'C09',
    `${keys.length} keys, right and malformed, in ${sent} submitted dialogs over both doors; ${options.length} text options of the registered commands, none for a key; ${(bytes / 1e6).toFixed(1)} MB of answers, log, database and what the page is told: 0 of every 12 characters`,
  );
});
