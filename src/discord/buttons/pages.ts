import { noSuchTask, showDelivery, showTimeline } from '#discord/commands/task.ts';
import { showTasks } from '#discord/commands/tasks.ts';
import { readListTarget } from '#discord/panels/task-list.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, refuse, tell } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { type SendAgainOutcome, sendAgain } from '#tasks/task-messages.ts';
import type { Button } from './press.ts';

/** The page that was pressed for takes the place of the one it was pressed on; all of it is in the custom id. */
export const tasks: Button<'tasks'> = {
  operation: 'task.read',
  run: (context, { target }) => showTasks(context, readListTarget(target), 'update'),
};

export const timeline: Button<'timeline'> = {
  operation: 'task.read',
  run: (context, { target }) => {
    const [number = 0, after = 0] = target.split('.').map(Number);
    return showTimeline(context, { number, after }, 'update');
  },
};

const CURSORS = { a: 'after', b: 'before' } as const;

export const delivery: Button<'delivery'> = {
  operation: 'task.read',
  run: (context, { target }) => {
    const [number = '', cursor = ''] = target.split('.');
    const side = cursor.startsWith('a') ? 'a' : cursor.startsWith('b') ? 'b' : null;
    const wish = { number: Number(number), cursor: side ? { [CURSORS[side]]: cursor.slice(1) } : {} };
    return showDelivery(context, wish, 'update');
  },
};

function notSent(outcome: Exclude<SendAgainOutcome, { kind: 'owed' }>, number: number): Reply {
  const said = words().delivery;
  switch (outcome.kind) {
    case 'unknown_task':
      return noSuchTask(number);
    case 'unknown_message':
      return refuse(outcome.kind, said.unknownMessage);
    case 'not_parked':
      return refuse(outcome.kind, said.notParked);
    case 'not_wider':
      return refuse(outcome.kind, said.notWider);
    case 'forgotten':
      return refuse(outcome.kind, said.forgotten);
    default:
      return refusedByGate(outcome);
  }
}

export const again: Button<'send-again'> = {
  operation: 'task.read',
  async run({ rpc, actor }, { target }) {
    const [number = '', message = '', where] = target.split('.');
    const outcome = await sendAgain(rpc, actor, { number: Number(number), message, here: where === 'here' });
    if (outcome.kind !== 'owed') return notSent(outcome, Number(number));
    const { owedHere, owedThere } = words().delivery;
    return tell(where === 'here' ? owedHere : owedThere);
  },
};
