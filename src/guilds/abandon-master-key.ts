import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { Refusal } from '#kernel/errors.ts';
import { gateRefusals } from '#kernel/gate.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import type { Keyring } from './keyring.ts';
import { judge, readMasterKeys } from './prove-keyring.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('abandoned'),
    keys: z.number(),
    /** Keys of servers that an operator entered: nobody was told of these. */
    untold: z.array(z.object({ guild: z.string(), last4: z.string() })),
  }),
  ...gateRefusals,
]);

/** Gives up a master key that is lost, with every Jules key that only it opens. One that is here is never given up. */
export async function abandonMasterKey(
  deps: { readonly rpc: Rpc; readonly keyring: Keyring },
  actor: Actor,
  version: string,
) {
  const { rpc, keyring } = deps;
  const known = (await readMasterKeys(rpc)).find((one) => one.version === version);
  if (!known) {
    throw new Refusal('unknown_version', `This database was never used with a master key of version ${version}.`);
  }
  if (judge(keyring, known) === 'right') {
    throw new Refusal(
      'not_lost',
      `The master key of version ${version} is in VERNE_MASTER_KEYS and opens what it sealed, so it is not lost. To retire it, put a new one in front, then: npm run keys -- rotate`,
    );
  }
  return call(rpc, outcome, 'abandon_master_key', { actor, version });
}
