import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicKey } from '../http/support.ts';
import { CANARY, hitsIn, PRIVATE_PARTS, promptWithSecrets, shortWalk, someIlls } from '../support/canary-walk.ts';
import { type CanaryWorld, type Place, placesOf, startCanaryWorld } from '../support/canary-world.ts';
import { enterByDialogs } from '../support/key-dialogs.ts';
import { MASTER_KEYS } from '../support/tasks.ts';

let world: CanaryWorld;
beforeAll(async () => {
  world = await startCanaryWorld({ keys: [CANARY], publicKey });
  await world.start();
}, 60_000);
afterAll(() => world?.stop());

test('a key leaves no trace: not where Jules repeats it in an error, not in the log, the database or what is sent (C01, C07)', {
  timeout: 120_000,
}, async () => {
  const { places, echoes } = await shortWalk(world, someIlls());
  expect(echoes).toBeGreaterThan(someIlls().length);
  for (const value of [CANARY, MASTER_KEYS.slice(2)]) expect(hitsIn(places, value)).toEqual([]);
});

test('a key that is entered in a dialog is shown to nobody again: not in the answer, a second delivery or the page (C09)', async () => {
  const dialogs: Place[] = [];
  await enterByDialogs(world, [CANARY, `${CANARY} ${CANARY}`], dialogs);
  expect(dialogs.filter(([, text]) => text.includes('is stored'))).toHaveLength(2);
  expect(dialogs.filter(([, text]) => text.includes('not a Jules API key'))).toHaveLength(2);
  expect(world.told()).toContain('is stored');
  expect(hitsIn(await placesOf(world, dialogs), CANARY)).toEqual([]);
});

test('secrets in a prompt are in no card, thread, log line, event or audit entry', { timeout: 90_000 }, async () => {
  const places = await promptWithSecrets(world);
  for (const secret of PRIVATE_PARTS) expect(hitsIn(places, secret)).toEqual([]);
});
