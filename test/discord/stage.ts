import { expect } from 'vitest';
import { type DiscordClient, discordClient } from '#discord/client.ts';
import { discordHandlers } from '#discord/handlers.ts';
import type { Answer } from '#kernel/handler.ts';
import { taskId } from '#kernel/ids.ts';
import { makeLog } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import type { RestFault } from '#sandbox/discord/faults.ts';
import type { Channel, Message } from '#sandbox/discord/model.ts';
import { defaultWorld } from '#sandbox/discord/seed.ts';
import { createDiscord } from '#sandbox/discord/server.ts';
import { decideTask } from '#tasks/decide-task.ts';
import { requestTask } from '#tasks/request-task.ts';
import type { TaskDecision, TaskView } from '#tasks/task.ts';
import { anActor } from '../support/actors.ts';
import { moveClock } from '../support/clock.ts';
import type { TestDatabase } from '../support/database.ts';
import { aDelivery, anAdmin, aServer } from '../support/tasks.ts';

export const TIMES = { intentMs: 20_000, editMs: 3000, editOldMs: 15_000, approverBatchMs: 120_000 };
const TIMEOUT_MS = 1000;

const shiftOf = async ({ sql }: TestDatabase) => {
  const [clock] = await sql<{ ms: number }[]>`select extract(epoch from shift)::float8 * 1000 as ms from verne.clock`;
  return clock?.ms ?? 0;
};

/**
 * A simulated Discord with channels of its own, beside a database that the tests of a file share, and one clock for
 * both, which moves on only when it is told to.
 */
export async function openStage(db: TestDatabase, { timeoutMs = TIMEOUT_MS } = {}) {
  let shift = await shiftOf(db);
  const world = defaultWorld({ now: () => Date.now() + shift });
  const facts: string[] = [];
  world.listeners.add(({ t }) => void facts.push(t));
  const discord = createDiscord({ world, latencyMs: 0, limits: { isOn: false } });
  const { apiBase } = await discord.listen(0);
  const [guild] = world.guilds.values();
  const [first, second] = [...world.channels.values()];
  if (!guild || !first || !second) throw new Error('the simulated world is empty');
  const ownChannel = (like: Channel): Channel => ({ ...like, id: world.newId() });
  const [channel, other] = [ownChannel(first), ownChannel(second)];
  for (const one of [channel, other]) world.channels.set(one.id, one);
  const account = (name: string) => {
    const user = world.accounts.get(name);
    if (!user) throw new Error(`nobody is called ${name}`);
    return { id: user.id, roles: guild.members.get(user.id)?.roles ?? [] };
  };
  const [approver, requester] = [account('approver'), account('requester')];
  const [confirmRole, createRole] = [approver.roles[0] ?? '', requester.roles[0] ?? ''];
  const clients: DiscordClient[] = [];
  const log = makeLog({ level: 'silent', secrets: [] });

  /** One process of the bot; two of them race. */
  const aBot = (facts: { rpc?: Rpc; client?: DiscordClient; monotonic?: () => number; signal?: AbortSignal } = {}) => {
    const monotonic = facts.monotonic ?? (() => performance.now());
    const client = facts.client ?? discordClient({ token: discord.token, apiBase, timeoutMs, monotonic });
    clients.push(client);
    const handlers = discordHandlers({
      rpc: facts.rpc ?? db.rpc,
      client,
      log,
      times: TIMES,
      monotonic,
      appId: undefined,
      commands: [],
    });
    const on = (handler: keyof typeof handlers, noun: string) => (id: string) =>
      handlers[handler](
        aDelivery(noun, id, { now: new Date(world.now()), ...(facts.signal && { signal: facts.signal }) }),
      );
    return {
      client,
      show: on('discord.show', 'task'),
      showChannel: on('discord.show', 'channel'),
      announce: on('discord.announce', 'channel'),
    };
  };

  await aServer(db, { guild: guild.id });
  await db.rpc('change_settings', {
    actor: anAdmin({ guild: guild.id }),
    changes: { create_roles: [createRole], confirm_roles: [confirmRole], approver_notice: 'role' },
  });

  const actor = (who: typeof approver, at = channel.id) =>
    anActor({ id: who.id, roles: [...who.roles], guild: guild.id, channel: at });
  let requests = 0;
  return {
    db,
    world,
    discord,
    apiBase,
    guild,
    channel,
    other,
    approver,
    requester,
    confirmRole,
    aBot,
    bot: aBot(),
    /** Moves the clocks of both. */
    async pass(ms: number) {
      shift += ms;
      await moveClock(db.sql, ms);
    },
    async aTask(facts: { prompt?: string; at?: string } = {}): Promise<TaskView> {
      requests += 1;
      const wish = { requestKey: `${channel.id}-${requests}`, prompt: facts.prompt ?? 'Fix the failing login test' };
      const outcome = await requestTask(db.rpc, actor(requester, facts.at), wish);
      if (outcome.kind !== 'requested') throw new Error(`the task was refused: ${JSON.stringify(outcome)}`);
      return outcome.task;
    },
    async decide(task: TaskView, verb: TaskDecision, reason?: string, who = approver) {
      const outcome = await decideTask(db.rpc, actor(who), { taskId: taskId(task.id), verb, reason });
      if (outcome.kind !== 'decided') throw new Error(`not decided: ${JSON.stringify(outcome)}`);
    },
    /** Jules has opened the pull request. */
    async finish(task: TaskView) {
      await db.sql`select verne.end_task(t, s, ${db.sql.json({ verb: 'complete', pr_url: `https://github.com/${task.repo}/pull/7` })})
        from public.tasks t join verne.sessions s on s.task_id = t.id where t.id = ${task.id}`;
    },
    async note(task: TaskView, view: string, facts: object, place = 'thread') {
      await db.sql`select verne.add_message(${`task:${task.id}`}, 'note', ${view},
        ${db.sql.json({ place, id: channel.id })}, ${db.sql.json(facts as never)}, ${crypto.randomUUID()})`;
    },
    async row(task: TaskView, view = 'task') {
      const [row] =
        await db.sql`select * from verne.messages where subject = ${`task:${task.id}`} and view = ${view} order by seq`;
      if (!row) throw new Error(`no message shows ${view}`);
      return row;
    },
    trouble(
      method: string,
      kind: RestFault['kind'],
      facts: Partial<RestFault> & { path?: string; times?: number } = {},
    ) {
      const { path, times = 1, ...fault } = facts;
      const byDefault = { status: 500, code: 0, delayMs: 0, retryAfterS: 1 };
      discord.faults.add({ match: { method, path: path ?? '/messages' }, kind, ...byDefault, ...fault }, times);
    },
    messagesIn: (id: string) => [...world.messages.values()].filter((message) => message.channel_id === id),
    dmsOf(person: { id: string }): Message[] {
      const dm = [...world.channels.values()].find((one) => one.recipients?.some(({ id }) => id === person.id));
      return dm ? [...world.messages.values()].filter((message) => message.channel_id === dm.id) : [];
    },
    /** How often Discord did that, whatever it answered. */
    done: (fact: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE') => facts.filter((one) => one === fact).length,
    asked: (method: string, path: RegExp) =>
      world.requests.filter((request) => new RegExp(`^${method}$`).test(request.method) && path.test(request.path)),
    async close() {
      for (const client of clients) client.close();
      await discord.close();
    },
  };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

export const titleOf = (message: Pick<Message, 'embeds'> | undefined) => message?.embeds[0]?.title;

export const messagesTelling = ({ world }: Stage, words: string) =>
  [...world.messages.values()].filter(({ content }) => content.includes(words));

/** The answer of a lane that waits out an outage, whose reason has these words. */
export const laterFor = (words: string) =>
  expect.objectContaining({
    kind: 'retry',
    uncounted: true,
    afterMs: expect.any(Number),
    reason: expect.stringContaining(words),
  });

/** How long an answer wants to wait, by the stage's clock. */
export function waitOf(stage: Stage, answer: Answer): number {
  if (answer.kind !== 'wait') return expect.unreachable(`it does not wait: ${JSON.stringify(answer)}`);
  return answer.until.getTime() - stage.world.now();
}

/** The storage port of a process that dies when it calls that function, before or after the function did its work. */
export function dyingAt(rpc: Rpc, name: string): Rpc {
  let isDead = false;
  return async (called, args, options) => {
    if (isDead || called === name) {
      isDead = true;
      throw new Error('the process is dead');
    }
    return rpc(called, args, options);
  };
}

/** The storage port of a process that is held up for a while each time it has called that function. */
export function pausedRpc(rpc: Rpc, name: string, meanwhile: () => void | Promise<void>): Rpc {
  return async (called, args, options) => {
    const result = await rpc(called, args, options);
    if (called === name) await meanwhile();
    return result;
  };
}
