import { z } from 'zod';
import type { KeyId, SessionName, TaskId } from '#kernel/ids.ts';
import { call, type Rpc } from '#kernel/rpc.ts';
import type { Sessions } from './ports.ts';
import { progress, SESSION_PHASES } from './session.ts';
import { TASK_STATUSES } from './task.ts';

const instant = z.coerce.date();
const id = <Id extends string>() => z.string().transform((value) => value as Id);

/** What a worker needs to open or follow the session of a task. */
const work = z.object({
  task_id: id<TaskId>(),
  number: z.number(),
  status: z.enum(TASK_STATUSES),
  prompt: z.string(),
  repo: z.string(),
  branch: z.string(),
  pr_url: z.string().nullable(),
  /** Who named the pull request: Jules itself, or a report from outside. */
  pr_source: z.string().nullable(),
  last_error: z.string().nullable(),
  channel_id: z.string(),
  account_id: z.string(),
  key_id: id<KeyId>(),
  /** Nothing new may begin: the server or the service is paused, or the bot was removed. */
  paused: z.boolean(),
  phase: z.enum(SESSION_PHASES),
  marker: z.string(),
  attempts: z.number(),
  /** The intent: a creation of unknown outcome may stand behind it. */
  attempted_at: instant.nullable(),
  recreated: z.number(),
  name: id<SessionName>().nullable(),
  jules_state: z.string().nullable(),
  progress,
  activities_until: instant.nullable(),
  moved_at: instant.nullable(),
  opened_at: instant.nullable(),
  approved_at: instant.nullable(),
  /** The approval of its plan was sent or about to be; `approved_at` is set once Jules shows that it runs. */
  approval_sent_at: instant.nullable(),
  /** Jules did something after the newest plan. */
  acted: z.boolean(),
  silent_at: instant.nullable(),
  /** Jules said that it has no such session: once, and again. */
  missing_since: instant.nullable(),
  deleted_at: instant.nullable(),
  finishing_since: instant.nullable(),
  ended_at: instant.nullable(),
  archived_at: instant.nullable(),
  /** A pull request of the task's repository that came by the webhook. */
  reported_pr: z.string().nullable(),
  revision: z.number(),
  plan: z.array(z.object({ title: z.string() })).nullable(),
  /** An instruction is on its way to Jules, or may be. */
  telling: z.boolean(),
  /** Whether the plan waits for people, the newest one's hash, and that of the one they approved. */
  plan_review: z.boolean(),
  plan_hash: z.string().nullable(),
  approved_hash: z.string().nullable(),
  /** Names of the last activities that are known: asked for again, they come again. */
  known: z.array(z.string()),
  source: z.object({ name: z.string(), branches: z.array(z.string()) }).nullable(),
});
export type Work = z.output<typeof work>;

export async function readWork(rpc: Rpc, taskId: TaskId): Promise<Work | null> {
  return call(rpc, work.nullable(), 'read_work', { task_id: taskId });
}

/** For so long Jules may be silent before people are told: while it plans, works, after it said that it is done, paused. */
export type SilentMs = {
  readonly planning: number;
  readonly working: number;
  readonly done: number;
  readonly paused: number;
};

/** Durations that a worker waits by, in milliseconds. */
export type Windows = {
  /** timeout + late landing + list lag: before that, a creation of unknown outcome is not repeated. */
  readonly intentMs: number;
  readonly sweepMs: number;
  readonly followMs: number;
  readonly followSoonMs: number;
  readonly sourcesMs: number;
  /** Without a sign of life for so long a session has failed. */
  readonly silenceMs: number;
  readonly silentMs: SilentMs;
  /** For so long Jules must go on saying that it has no such session, before it is called deleted. */
  readonly deletedMs: number;
  /** How long something waits for people before they are reminded, and between two reminders. */
  readonly remindMs: number;
  readonly remindAgainMs: number;
};

export type TaskDeps = { readonly rpc: Rpc; readonly sessions: Sessions; readonly windows: Windows };
