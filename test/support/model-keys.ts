import { randomUUID } from 'node:crypto';
import { adminAt, at, changing } from './model-commands.ts';
import { accountOf, type Command, pick, type Step } from './model-step.ts';
import { type At, actorOf, type World } from './model-world.ts';

/** Keys that come and go, and whose limits they bring: a part of the reference model. */

type Owner = 'server' | 'person';

export type Entry = {
  readonly owner: Owner;
  readonly account: string;
  readonly perDay: number;
  readonly atOnce: number;
  readonly isPlanNamed: boolean;
};

/** Limits hold for everybody who shares the account: who is alone with it may name others. */
function setLimits({ accounts, keys }: World, { person, server }: At, entry: Entry): void {
  const isMine = (key: World['keys'][number]) =>
    key.owner === person.id || (entry.owner === 'server' && key.server === server.id);
  const isShared = keys.some((key) => key.account === entry.account && !key.isRevoked && !isMine(key));
  const isNew = !accounts.has(entry.account);
  if (isNew || (entry.isPlanNamed && !isShared))
    accounts.set(entry.account, { perDay: entry.perDay, atOnce: entry.atOnce });
}

/** Another key in the place of those that its owner has. */
export function addsKey(world: World, who: At, entry: Entry): Step {
  const { owner, account, perDay, atOnce } = entry;
  const operation = owner === 'server' ? 'settings.change' : 'own.change';
  const whose = {
    server: owner === 'server' ? who.server.id : null,
    owner: owner === 'person' ? who.person.id : null,
  };
  const id = randomUUID();
  const expected = changing(world, who, operation, () => {
    setLimits(world, who, entry);
    for (const key of world.keys) if (key.server === whose.server && key.owner === whose.owner) key.isRevoked = true;
    world.keys.push({ id, account, ...whose, isRevoked: false, isRefused: false });
    return 'stored';
  });
  const facts = { id, sealed: 'x', wrapped: 'x', kek_version: '1', last4: account.slice(-4), fingerprint: account };
  const sealed = { ...facts, per_day: perDay, at_once: atOnce, ...(entry.isPlanNamed && { plan: 'pro' }) };
  return { name: 'store_key', args: { actor: actorOf(who), owner, sealed }, expected };
}

const keying: Command = (world, draw) => {
  const owner = pick(['server', 'server', 'person'] as const, draw.which);
  const who = owner === 'server' ? adminAt(world, draw) : at(world, draw);
  const limits = { perDay: pick([2, 4, 20, 0], draw.much), atOnce: pick([1, 2, 3], draw.much >> 2) };
  const isPlanNamed = draw.tick % 2 === 0;
  return addsKey(world, who, { owner, account: accountOf(world, draw.how), isPlanNamed, ...limits });
};

const unkeying: Command = (world, draw) => {
  const owner = pick(['server', 'person'] as const, draw.which);
  const who = owner === 'server' ? adminAt(world, draw) : at(world, draw);
  const expected = changing(world, who, owner === 'server' ? 'settings.change' : 'own.change', () => {
    const own = world.keys.filter(
      (key) => !key.isRevoked && (owner === 'server' ? key.server === who.server.id : key.owner === who.person.id),
    );
    for (const key of own) key.isRevoked = true;
    return own.length > 0 ? 'removed' : 'no_key';
  });
  return { name: 'remove_key', args: { actor: actorOf(who), owner }, expected };
};

export const KEY_COMMANDS: readonly (readonly [times: number, command: Command])[] = [
  [2, keying],
  [1, unkeying],
];
