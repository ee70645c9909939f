import { z } from 'zod';
import type { Actor } from '#kernel/actor.ts';
import { Refusal } from '#kernel/errors.ts';
import { gateRefusals } from '#kernel/gate.ts';
import type { TaskId } from '#kernel/ids.ts';
import { call, type Rpc, storable } from '#kernel/rpc.ts';
import { wrongTarget } from './check-target.ts';
import { type ParentAs, taskView } from './task.ts';

/** Discord's own limit for an option of a slash command. */
export const PROMPT_LIMIT = 6000;

export const overBudget = z.object({
  kind: z.literal('over_budget'),
  whose: z.enum(['person', 'server']),
  limit: z.enum(['per_day', 'at_once']),
  allowed: z.number(),
  used: z.number(),
  again_at: z.coerce.date().nullish(),
});

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('requested'), task: taskView }),
  z.object({ kind: z.literal('no_key') }),
  z.object({ kind: z.literal('no_repo') }),
  /** The task that it was to go on from is not over any more, or not yet; or it is of another server. */
  z.object({ kind: z.literal('parent_moved'), task: taskView }),
  z.object({ kind: z.literal('unknown_task') }),
  overBudget,
  ...wrongTarget,
  ...gateRefusals,
]);
export type RequestOutcome = z.output<typeof outcome>;

/** Where it is to be done; what is left out is as it is set here. */
export type TargetWish = { readonly repo?: string | undefined; readonly branch?: string | undefined };

export type TaskWish = TargetWish & {
  /** Who asks the same thing twice under one key is given the first answer: an interaction's id. */
  readonly requestKey: string;
  readonly prompt: string;
  /** Whether people read the plan before it runs; left out: as the person has it, or the server. */
  readonly planReview?: boolean | undefined;
  /** The task that it goes on from. */
  readonly parent?: { readonly taskId: TaskId; readonly as: ParentAs } | undefined;
};

/** `owner/name` out of what people type or paste: a link to the repository is understood too. */
export function repositoryOf(typed: string): string {
  const name = typed
    .trim()
    .replace(/^(?:https?:\/\/)?github\.com\//i, '')
    .replace(/(?:\.git)?\/?$/, '');
  const isName = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9_.-]{1,100}$/.test(name) && !/\/\.{1,2}$/.test(name);
  if (!isName) {
    throw new Refusal(
      'malformed_repo',
      'That is not a repository. Write it as `owner/name`, or choose one from the list.',
    );
  }
  return name;
}

/** A branch as git allows it, near enough that nothing strange reaches Jules. */
export function branchOf(typed: string): string {
  const branch = typed.trim();
  const isBranch =
    /^[^\s~^:?*[\\\p{C}\p{DI}\u2800]{1,200}$/u.test(branch) && !/\.\.|^[-/]|\/$|\.lock$|@\{/.test(branch);
  if (!isBranch)
    throw new Refusal('malformed_branch', 'That is not a branch name. Choose one from the list, or leave it out.');
  return branch;
}

/**
 * Tags spell out ASCII that no screen shows and every language model reads; three flags are written with them. Other
 * hidden characters are counted on the card, and sent as they are.
 */
const TAGS = /(?<!\u{1F3F4}[\u{E0061}-\u{E007A}]{0,6})[\u{E0000}-\u{E007F}]/u;

export const hasHiddenText = (text: string) => TAGS.test(text);

/** The prompt as it will be stored and sent: well-formed, without NUL, not blank, not too long, without a second text. */
export function promptOf(typed: string): string {
  const prompt = String(storable(typed)).trim();
  if (!/[^\s\p{C}\p{Z}\p{DI}\u2800]/u.test(prompt)) {
    throw new Refusal(
      'empty_prompt',
      'The prompt is empty. Say what Jules should do, for example: `/jules prompt: Fix the failing login test`.',
    );
  }
  if (prompt.length > PROMPT_LIMIT) {
    throw new Refusal(
      'long_prompt',
      `The prompt has ${prompt.length} characters; ${PROMPT_LIMIT} is the most. Shorten it, or put the details into a file of the repository and name it.`,
      { chars: prompt.length, most: PROMPT_LIMIT },
    );
  }
  if (hasHiddenText(prompt)) {
    throw new Refusal(
      'hidden_text',
      'The prompt holds text that nobody can see (Unicode tags), which Jules would read, so nothing was recorded. Type the prompt anew, or paste it from a place that keeps plain text only.',
    );
  }
  return prompt;
}

export const targetOf = ({ repo, branch }: TargetWish) => ({
  ...(repo !== undefined && { repo: repositoryOf(repo) }),
  ...(branch !== undefined && { branch: branchOf(branch) }),
});

/** A person asks; task, card, event and audit are stored together. Asking twice under one key is asking once. */
export async function requestTask(rpc: Rpc, actor: Actor, wish: TaskWish): Promise<RequestOutcome> {
  return call(rpc, outcome, 'request_task', {
    actor,
    request_key: wish.requestKey,
    wish: {
      prompt: promptOf(wish.prompt),
      ...targetOf(wish),
      ...(wish.planReview !== undefined && { plan_review: wish.planReview }),
      ...(wish.parent && { parent: wish.parent.taskId, origin: wish.parent.as }),
    },
  });
}
