import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicKey } from '../http/support.ts';
import { CANARY, hitsIn, PRIVATE_PARTS, promptWithSecrets, shortWalk, someIlls } from '../support/canary-walk.ts';
import { type CanaryWorld, startCanaryWorld } from '../support/canary-world.ts';
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

test('secrets in a prompt are in no card, thread, log line, event or audit entry', { timeout: 90_000 }, async () => {
  const places = await promptWithSecrets(world);
  for (const secret of PRIVATE_PARTS) expect(hitsIn(places, secret)).toEqual([]);
});
