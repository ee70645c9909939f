import type { Handler } from '#kernel/handler.ts';
import { done } from '#kernel/handler.ts';
import { idIn } from '#kernel/ids.ts';
import { prunesHourly } from '#kernel/prune.ts';
import { expireTask } from './expire-task.ts';
import { followSession } from './follow-session.ts';
import { listSources } from './list-sources.ts';
import { openSession } from './open-session.ts';
import { remind } from './remind.ts';
import { sendInstructions } from './send-instructions.ts';
import { sweepAccount } from './sweep-account.ts';
import { tellDead } from './tell-dead.ts';
import type { TaskDeps } from './work.ts';

/** What tasks do on which subscription. */
export function taskHandlers(deps: TaskDeps): Record<string, Handler> {
  return {
    'tasks.open_session': (delivery) => openSession(deps, delivery),
    'tasks.follow_session': (delivery) => followSession(deps, delivery),
    'tasks.send_instructions': (delivery) => sendInstructions(deps, delivery),
    'tasks.sweep_account': (delivery) => sweepAccount(deps, delivery),
    'tasks.list_sources': (delivery) => listSources(deps, delivery),
    'tasks.expire': (delivery) => expireTask(deps, delivery),
    'tasks.remind': (delivery) => remind(deps, delivery),
    'tasks.resume': async ({ key }) => {
      await deps.rpc('resume_guild', { guild_id: idIn(key) });
      return done;
    },
    'tasks.prune': prunesHourly(deps.rpc, 'prune_tasks'),
    'tasks.tell_dead': (delivery) => tellDead(deps, delivery),
  };
}
