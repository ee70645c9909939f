import type { Handler } from '#kernel/handler.ts';
import { followSession } from './follow-session.ts';
import { listSources } from './list-sources.ts';
import { openSession } from './open-session.ts';
import { sweepAccount } from './sweep-account.ts';
import { tellDead } from './tell-dead.ts';
import type { TaskDeps } from './work.ts';

/** What tasks do on which subscription. */
export function taskHandlers(deps: TaskDeps): Record<string, Handler> {
  return {
    'tasks.open_session': (delivery) => openSession(deps, delivery),
    'tasks.follow_session': (delivery) => followSession(deps, delivery),
    'tasks.sweep_account': (delivery) => sweepAccount(deps, delivery),
    'tasks.list_sources': (delivery) => listSources(deps, delivery),
    'tasks.tell_dead': (delivery) => tellDead(deps, delivery),
  };
}
