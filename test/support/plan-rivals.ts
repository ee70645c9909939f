import type { Actor } from '#kernel/actor.ts';
import type { TaskView } from '#tasks/task.ts';
import type { PlanWorld } from './plan-world.ts';
import type { Call } from './races.ts';
import { anApprover, aRequester } from './tasks.ts';

export const RIVALS = ['approve', 'changes', 'cancel'] as const;
export type Rival = (typeof RIVALS)[number];

const somebody = (at: number): Partial<Actor> => ({ id: String(100_000_000_000_030_000n + BigInt(at)) });
let said = 0;
const instruct = (actor: Actor, task: TaskView, wish: object): Call => ({
  name: 'instruct_task',
  args: { actor, task_id: task.id, request_key: `rival-${process.pid}-${++said}`, wish },
});

/** What people press at once under a plan; each approval is another person's. */
export function callOf(rival: Rival, task: TaskView, at: number): Call {
  const plan = task.plan_hash?.slice(0, 12) ?? '';
  if (rival === 'approve') {
    return { name: 'approve_plan', args: { actor: anApprover(somebody(at)), task_id: task.id, plan } };
  }
  if (rival === 'changes')
    return instruct(aRequester(), task, { kind: 'changes', text: `Otherwise, ${at}.`, about: plan });
  return { name: 'decide_task', args: { actor: aRequester(), task_id: task.id, verb: 'cancel' } };
}

type Outcome = { readonly kind: string };

/** Which way a plan went: one approval, or one wish for changes; never both, and neither only where it was cancelled. */
export function wayOf(outcomes: readonly Outcome[]): string {
  const count = (kind: string) => outcomes.filter((one) => one.kind === kind).length;
  const [approved, changed, cancelled] = [count('approved'), count('told'), count('decided')];
  const threw = count('threw') + count('stuck');
  if (threw > 0 || approved + changed > 1) return `wrong: ${outcomes.map(({ kind }) => kind).join()}`;
  if (approved + changed === 0)
    return cancelled > 0 ? 'cancelled' : `nothing: ${outcomes.map(({ kind }) => kind).join()}`;
  return `${approved === 1 ? 'approved' : 'changed'}${cancelled > 0 ? ', then cancelled' : ''}`;
}

/** A task whose session waits for an answer. */
export async function askedTask(world: PlanWorld, question: string): Promise<TaskView> {
  const task = await world.planned();
  await world.press(task, task.plan_hash?.slice(0, 12) ?? '');
  await world.follow(task);
  await world.push(task, { do: 'ask', text: question });
  await world.follow(task);
  return world.view(task);
}

export const answerOf = (task: TaskView, at: number): Call =>
  instruct(at % 2 === 0 ? aRequester() : anApprover(somebody(at)), task, {
    kind: 'answer',
    text: `Answer ${at}.`,
    about: task.session?.question ?? '',
  });
