import { isLink, linkButton, rowsOf } from '#discord/cards/body.ts';
import { count } from '#discord/cards/clip.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { taskId } from '#kernel/ids.ts';
import { type SalvageOutcome, salvagePatch } from '#tasks/salvage-patch.ts';
import type { TaskView } from '#tasks/task.ts';
import type { Button } from './press.ts';
import { instruct, NO_TASK, split } from './steer.ts';

/** What Jules is told is English, like everything that Verne itself writes to it. */
const NUDGE =
  'Are you still at work? Please go on with the task; if something stands in your way, say what it is, or ask.';
const PUBLISH = 'Please publish your changes as a pull request now.';

const telling = <Verb extends 'nudge' | 'publish'>(kind: Verb, text: string): Button<Verb> => ({
  operation: 'task.steer',
  run: (context, { target }) => {
    const { task, about } = split(target);
    return instruct(context, { taskId: task, kind, text, about });
  },
});

export const nudge = telling('nudge', NUDGE);
export const publish = telling('publish', PUBLISH);

const toJules = ({ session }: TaskView) =>
  isLink(session?.url) ? rowsOf([linkButton('Open in Jules', session.url)]) : [];

function salvaged(outcome: SalvageOutcome): Reply {
  switch (outcome.kind) {
    case 'posted':
      return tell(`📦 The patch of task #${outcome.task.number} comes as a file, in its thread.`);
    case 'too_large':
      return tell(
        `The patch of task #${outcome.task.number} has ${count(outcome.chars)} characters, which is more than Verne keeps. Its page in Jules has it.`,
        toJules(outcome.task),
      );
    case 'no_patch':
      return refuse(
        outcome.kind,
        'There is no patch of this task any more: Jules made none, or it was kept for 90 days and is gone.',
      );
    case 'unknown_task':
      return refuse(outcome.kind, NO_TASK);
    default:
      return refusedByGate(outcome);
  }
}

export const getPatch: Button<'get_patch'> = {
  operation: 'task.read',
  run: async ({ rpc, actor }, { target }) => salvaged(await salvagePatch(rpc, actor, taskId(target))),
};
