import { z } from 'zod';
import type { DiscordClient } from '#discord/client.ts';
import type { Whence } from '#discord/gateway.ts';
import { WARNED } from '#discord/marks.ts';
import { type Unheard, unheard } from '#discord/unheard.ts';
import { recordRefusal } from '#guilds/settings.ts';
import type { Actor } from '#kernel/actor.ts';
import { messageOf, Refusal } from '#kernel/errors.ts';
import { taskId } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import { type Instruction, type InstructOutcome, instructTask, mayInstruct } from '#tasks/instruct-task.ts';
import { readTask } from '#tasks/read-task.ts';
import type { TaskView } from '#tasks/task.ts';
import { type FileDeps, type Files, readFiles } from './files.ts';
import { insist, inTurn, memory } from './patience.ts';
import { authorOf, isForJules, type Said, said, wordsOf } from './said.ts';

export type HearDeps = {
  readonly rpc: Rpc;
  readonly client: Pick<DiscordClient, 'react'>;
  readonly files: FileDeps;
  readonly log: Log;
  readonly newCorrelation: () => string;
  /** A database that is away is waited for as long as this. */
  readonly patienceMs: number;
};

const CALL_MS = 5000;
/** Far more than anybody types while the database is away. */
const MOST_WAITING = 50;
const STRANGERS = { forMs: 60_000, most: 10_000 };

const threadFacts = z.object({ task_id: z.string(), channel_id: z.string(), is_left: z.boolean() }).nullable();

/** `read` fetches the files, which only those may ask for who may write. */
type Heard = {
  readonly message: Said;
  readonly task: TaskView;
  readonly actor: Actor;
  readonly read: () => Promise<Files>;
};

/**
 * What a plain message means now: the answer where Jules asks, changes where a plan waits to be read, else something more
 * for Jules to know. Answer and changes are bound to what its writer could have read, as the buttons' are.
 */
function meaningOf({ id, verbs, plan_hash: plan, session, status }: TaskView) {
  const task = taskId(id);
  if (verbs.includes('answer') && session?.question)
    return { taskId: task, kind: 'answer', about: session.question } as const;
  if (verbs.includes('ask_changes') && plan) return { taskId: task, kind: 'changes', about: plan } as const;
  return { taskId: task, kind: status === 'completed' ? 'follow_up' : 'steer' } as const;
}

/** What its author hears of files that are not sent; undefined where all are. */
const asideOf = ({ leftOut }: Files): Unheard | undefined =>
  leftOut.length > 0 ? { kind: 'left_out', files: [...leftOut] } : undefined;

async function tell(rpc: Rpc, heard: Heard, files: Files): Promise<InstructOutcome> {
  const { message, task, actor } = heard;
  const aside = asideOf(files);
  const wish = {
    requestKey: message.id,
    text: wordsOf(message),
    files: files.text,
    said: { channel: message.channel_id, message: message.id },
    ...(aside !== undefined && { aside }),
  };
  const send = (meaning: Pick<Instruction, 'taskId' | 'kind' | 'about'>) =>
    instructTask(rpc, actor, { ...wish, ...meaning });
  const first = await send(meaningOf(task));
  // Whoever writes on has not been quicker than themselves: it adds to their answer.
  if (first.kind === 'answered' && first.by === actor.id) return send({ taskId: taskId(task.id), kind: 'steer' });
  // What it was meant for has changed while it was on its way here.
  if (first.kind === 'stale_question' || first.kind === 'stale_plan') return send(meaningOf(first.task));
  return first;
}

type No = {
  readonly why: Unheard;
  /** Names what a person hears once in a thread; what is wrong with one message is said of each. */
  readonly once?: string;
};

const HOUR_MS = 3_600_000;
const DISCORD_EPOCH_MS = 1_420_070_400_000;
const hourOf = (snowflake: string) =>
  Math.floor((Number(BigInt(snowflake) >> 22n) + DISCORD_EPOCH_MS) / HOUR_MS).toString();

const EACH_TIME: readonly string[] = ['answered', 'plan_approved', 'stale_question', 'stale_plan'];
const PASSING: readonly string[] = ['too_fast', 'too_many', 'paused'];

function noOf(outcome: { readonly kind: string }, message: Said): No {
  const why = unheard.parse(outcome);
  const { kind } = why;
  if (EACH_TIME.includes(kind)) return { why };
  return { why, once: PASSING.includes(kind) ? `${kind}:${hourOf(message.id)}` : kind };
}

async function answer(rpc: Rpc, { message, task }: Pick<Heard, 'message' | 'task'>, { why, once }: No) {
  const mark = why.kind === 'not_permitted' ? 'barred' : 'warned';
  const { id, channel_id, author } = message;
  const facts = { channel_id, message_id: id, by: author.id, mark, why, once: once ?? null };
  await rpc('answer_said', { task_id: task.id, said: facts });
}

/** What is wrong with the message itself; a file that was left out may be all there was. */
function wrongWith({ code, sentence, size }: Refusal, files: Files): Unheard {
  if (code === 'empty_instruction') return asideOf(files) ?? { kind: 'nothing' };
  return { kind: 'refusal', code, sentence, ...(size && { size }) };
}

async function tellOrAnswer(rpc: Rpc, heard: Heard): Promise<string> {
  const { message, task, actor } = heard;
  const refuse = async (code: string, no: No) => {
    await recordRefusal(rpc, actor, { operation: 'task.steer', code });
    await answer(rpc, heard, no);
    return code;
  };
  if (task.session?.phase === 'plan_expired') return refuse('plan_expired', { why: { kind: 'plan_expired' } });
  if (message.attachments.length > 0) {
    const may = await mayInstruct(rpc, actor, taskId(task.id));
    if (may.kind !== 'allowed') return refuse(may.kind, noOf(may, message));
  }
  const files = await heard.read();
  try {
    const outcome = await tell(rpc, heard, files);
    if (outcome.kind !== 'told') await answer(rpc, heard, noOf(outcome, heard.message));
    return outcome.kind;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse(error.code, { why: wrongWith(error, files) });
  }
}

type Hearing = { readonly message: Said; readonly whence: Whence; readonly signal: AbortSignal };

/** Undefined where it is no task's thread. */
async function hearOne(deps: HearDeps, { message, whence, signal }: Hearing): Promise<string | undefined> {
  const rpc: Rpc = (name, args) => deps.rpc(name, args, { signal: AbortSignal.timeout(CALL_MS) });
  const correlation = deps.newCorrelation();
  let files: Files | undefined;
  return insist({ patienceMs: deps.patienceMs, signal }, async () => {
    const thread = await call(rpc, threadFacts, 'read_thread', { thread_id: message.channel_id });
    const task = thread && (await readTask(rpc, taskId(thread.task_id)));
    if (!task) return undefined;
    if (thread.is_left) {
      const no = { why: { kind: 'left_thread' }, once: `left:${message.channel_id}` } as const;
      await answer(rpc, { message, task }, no);
      return 'left_thread';
    }
    // Once, however often the database has to be asked.
    const read = async () => (files ??= await readFiles(deps.files, message.attachments));
    const actor = authorOf(message, { whence, channel: thread.channel_id, correlation });
    return tellOrAnswer(rpc, { message, task, actor, read });
  });
}

/** It was not kept, and there is no row that could say so: the sign on it is all that can be done. */
async function warn({ client, log }: HearDeps, { message, whence }: Hearing, why: string): Promise<void> {
  log.error({ message: message.id, thread: message.channel_id, error: why }, 'A message in a thread was not kept');
  if (!whence.isOwnThread) return;
  const at = { channelId: message.channel_id, messageId: message.id };
  await client
    .react({ ...at, emoji: WARNED }, {})
    .catch((error: unknown) => log.warn({ message: message.id, error: messageOf(error) }, 'Nor could it be marked'));
}

/**
 * Hears messages of servers, and tells Jules those that people write in a task's thread. In all other channels it asks the
 * database nothing: the gateway knows which channels are no threads, and a thread that is no task's is remembered for a minute.
 */
export function messageHearer(deps: HearDeps) {
  const strangers = memory(STRANGERS.forMs, STRANGERS.most);
  const queue = inTurn(MOST_WAITING);
  const hear = async (hearing: Hearing) => {
    try {
      const outcome = await hearOne(deps, hearing);
      if (outcome === undefined) strangers.add(hearing.message.channel_id);
      else deps.log.info({ message: hearing.message.id, outcome }, 'A message in a thread was heard');
    } catch (error) {
      await warn(deps, hearing, messageOf(error));
    }
  };
  return async (payload: object, whence: Whence, signal: AbortSignal): Promise<void> => {
    if (whence.isThread === false) return;
    const { data: message } = said.safeParse(payload);
    if (!message || strangers.has(message.channel_id) || !isForJules(message, whence)) return;
    const hearing = { message, whence, signal };
    await (queue(message.channel_id, () => hear(hearing)) ?? warn(deps, hearing, 'too many wait'));
  };
}
