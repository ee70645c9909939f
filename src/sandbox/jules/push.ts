import { Refusal } from '#kernel/errors.ts';
import type { JulesScript } from './scripts.ts';
import { deleteSession } from './sessions.ts';
import type { Deed } from './story.ts';
import { findSession, type Session, type World } from './world.ts';

const COMPLETE: readonly Deed[] = [{ do: 'complete', withPatch: true }, { do: 'patchOutput' }];

/** What Jules does, in the words of a story. */
function deedsOf({ do: push, text, title, description, reason, state, pr }: JulesScript): readonly Deed[] {
  switch (push) {
    case 'progress':
      return [
        { do: 'progress', ...((title ?? text) && { title: title ?? text ?? '' }), ...(description && { description }) },
      ];
    case 'ask':
      return [{ do: 'ask', text: text ?? 'Which of the two do you mean?' }];
    case 'say':
      return [{ do: 'say', text: text ?? 'Still working on it.' }];
    case 'replan':
      return [{ do: 'replan', why: text ?? 'Two more files are concerned' }];
    case 'complete':
      return pr === false ? COMPLETE : [...COMPLETE, { do: 'pullRequest' }];
    case 'pull_request':
      return [{ do: 'pullRequest' }];
    case 'fail':
      return [{ do: 'fail', reason: reason === undefined ? 'Something went wrong.' : reason }];
    case 'pause':
      return [{ do: 'halt', state: 'PAUSED' }];
    case 'state':
      return [{ do: 'halt', state: state ?? 'STATE_UNSPECIFIED' }];
    case 'reopen':
      return [{ do: 'resume' }];
    default:
      return [];
  }
}

/** What a person does on the page of Jules, past the bot; false where it was none of these. */
function actedOn(world: World, { life, id, account: label }: Session, { do: push, text = '' }: JulesScript): boolean {
  const account = [...world.accounts.values()].find((candidate) => candidate.label === label);
  switch (push) {
    case 'message':
      life.hear(text);
      return true;
    case 'approve':
      if (!life.approve()) throw new Refusal('nothing_waits', `Session ${id} has no plan that waits for approval.`);
      return true;
    case 'archive':
      life.archive();
      return true;
    case 'unarchive':
      life.unarchive();
      return true;
    case 'delete':
      if (account) deleteSession(account, id);
      return true;
    default:
      return false;
  }
}

/** Makes something happen to a session now, whatever its story says. */
export function push(world: World, script: JulesScript, name: string) {
  const session = findSession(world, name.replace(/^sessions\//, ''));
  if (!session) throw new Refusal('no_session', `There is no session ${name} in the simulated Jules.`);
  if (actedOn(world, session, script)) return;
  for (const deed of deedsOf(script)) session.life.push(deed);
}
