import { z } from 'zod';
import type { EmbeddedDatabase } from '#db/open-embedded.ts';
import { Refusal } from '#kernel/errors.ts';
import { age } from '#sandbox/discord/age.ts';
import { CHANNEL_DEEDS, changeChannel, isPermission, mendChannels } from '#sandbox/discord/channel-faults.ts';
import { LIMIT_SCOPES, REST_FAULT_KINDS } from '#sandbox/discord/faults.ts';
import { addBot, removeBot } from '#sandbox/discord/membership.ts';
import { deleteMessage } from '#sandbox/discord/messages.ts';
import { accountNamed } from '#sandbox/discord/people.ts';
import { IDENTIFIES } from '#sandbox/discord/rate-limits.ts';
import type { Discord } from '#sandbox/discord/server.ts';
import { emit, type World } from '#sandbox/discord/world.ts';

/** Dates end at some time: what is much older would have none. */
const MOST_AGE_MS = 30 * 24 * 3_600_000;

const restFault = z.strictObject({
  match: z.strictObject({ method: z.string().optional(), path: z.string().optional() }).default({}),
  kind: z.enum(REST_FAULT_KINDS),
  status: z.int().min(400).max(599).default(500),
  code: z.int().default(0),
  times: z.int().min(1).default(1),
  delayMs: z.int().min(0).default(1_000),
  retryAfterS: z.number().min(0).default(1),
  scope: z.enum(LIMIT_SCOPES).default('user'),
});

export const faultBody = z
  .strictObject({
    gateway: z.enum(['drop', 'reconnect', 'invalid_session', 'resumable_session', 'silent']).optional(),
    rest: restFault.optional(),
    channel: z.string().optional(),
    do: z.enum(CHANNEL_DEEDS).optional(),
    permissions: z.array(z.string().refine(isPermission, 'is no permission that the sandbox knows')).optional(),
    delete_message: z.string().optional(),
    server: z.enum(['remove', 'add']).optional(),
    tokens: z.literal('expire').optional(),
    message_content: z.enum(['off', 'on']).optional(),
    double: z.int().min(1).max(100).optional(),
    age: z.int().min(1).max(MOST_AGE_MS, 'must be 30 days or less, which are 2592000000 milliseconds').optional(),
    dms: z.enum(['closed', 'open']).optional(),
    for: z.string().optional(),
    latencyMs: z.int().min(0).max(60_000).optional(),
    limits: z.enum(['on', 'off']).optional(),
    invalid_requests: z.int().min(0).optional(),
    identifies: z.int().min(0).optional(),
    database: z.enum(['stop', 'pause', 'start']).optional(),
    jules: z.record(z.string(), z.unknown()).optional(),
    clear: z.literal(true).optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'Name a fault, such as {"gateway": "drop"}.')
  .refine((body) => (body.channel === undefined) === (body.do === undefined), '"channel" and "do" belong together.')
  .refine((body) => (body.dms === undefined) === (body.for === undefined), '"dms" and "for" belong together.');

export type FaultBody = z.infer<typeof faultBody>;

type JulesFaults = { fault(body: unknown): unknown; clearFaults?(): void; armed?(): readonly JulesArmed[] };
/** A fault of Jules's that still waits; `left` is absent where it is from now on. */
type JulesArmed = { readonly on: string; readonly kind: string; readonly left?: number };

export type FaultDeps = {
  readonly discord: Pick<Discord, 'world' | 'gateway' | 'faults' | 'limits' | 'buckets' | 'bans' | 'latency'>;
  readonly jules?: JulesFaults | undefined;
  /** Absent where the database is not the sandbox's own. */
  readonly outage?: EmbeddedDatabase['outage'] | undefined;
};

async function clear({ discord, jules, outage }: FaultDeps): Promise<void> {
  const { world, faults, limits, bans, buckets, gateway } = discord;
  faults.clear();
  limits.isOn = true;
  bans.lift();
  buckets.forget(IDENTIFIES);
  gateway.mend();
  world.closedDms.clear();
  world.doubled = 0;
  if (world.contentIsTaken) letRead(world, true);
  mendChannels(world);
  addBot(world);
  jules?.clearFaults?.();
  await outage?.turn('start');
}

/** Whoever was refused does not ask again by itself. */
function letRead(world: World, mayRead: boolean): void {
  world.mayReadMessages = mayRead;
  world.contentIsTaken = !mayRead;
}

function changeDms(world: World, fault: FaultBody): void {
  if (fault.for === undefined) return;
  const { id } = accountNamed(world, fault.for);
  if (fault.dms === 'closed') world.closedDms.add(id);
  else world.closedDms.delete(id);
}

function removeMessage(world: World, id: string | undefined): void {
  if (id === undefined) return;
  const message = world.messages.get(id);
  if (!message) throw new Refusal('unknown_message', `There is no message ${id}.`);
  deleteMessage(world, message);
}

const CUTS: Record<NonNullable<FaultBody['gateway']>, (gateway: Discord['gateway']) => void> = {
  drop: (gateway) => gateway.drop(),
  reconnect: (gateway) => gateway.reconnect(),
  invalid_session: (gateway) => gateway.invalidate(false),
  resumable_session: (gateway) => gateway.invalidate(true),
  silent: (gateway) => gateway.silence(),
};

function setCounts({ limits, bans, buckets }: FaultDeps['discord'], fault: FaultBody): void {
  if (fault.invalid_requests !== undefined) bans.set(fault.invalid_requests);
  if (fault.identifies === undefined) return;
  buckets.fill(IDENTIFIES, limits.identifies, Math.max(0, limits.identifies.limit - fault.identifies));
}

function changeWorld({ discord }: FaultDeps, fault: FaultBody): void {
  const { world } = discord;
  const { channel, do: deed, permissions } = fault;
  if (channel !== undefined && deed) changeChannel(world, { channel, do: deed, ...(permissions && { permissions }) });
  removeMessage(world, fault.delete_message);
  changeDms(world, fault);
  if (fault.server) (fault.server === 'remove' ? removeBot : addBot)(world);
  if (fault.age) age(world, fault.age);
  if (fault.message_content) letRead(world, fault.message_content === 'on');
  if (fault.tokens) for (const interaction of world.interactions.values()) interaction.expiresAt = world.now();
  if (fault.double) world.doubled = fault.double;
}

async function turnDatabase({ outage }: FaultDeps, to: FaultBody['database']): Promise<void> {
  if (to === undefined) return;
  if (outage) return outage.turn(to);
  throw new Refusal('bad_fault', 'The database is not the one of this sandbox; stop it where it runs.');
}

export async function orderFault(deps: FaultDeps, fault: FaultBody): Promise<void> {
  const { discord, jules } = deps;
  if (fault.clear) await clear(deps);
  changeWorld(deps, fault);
  if (fault.rest) discord.faults.add(fault.rest, fault.rest.times);
  if (fault.latencyMs !== undefined) discord.latency.ms = fault.latencyMs;
  if (fault.limits) discord.limits.isOn = fault.limits === 'on';
  setCounts(discord, fault);
  if (fault.jules) {
    if (!jules) throw new Refusal('bad_fault', 'There is no simulated Jules here.');
    jules.fault(fault.jules);
  }
  await turnDatabase(deps, fault.database);
  if (fault.gateway) CUTS[fault.gateway](discord.gateway);
  if (fault.message_content) discord.gateway.disallow();
  emit(discord.world, 'SANDBOX_FAULTS', {}, 'page');
}
