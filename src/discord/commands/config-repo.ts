import { type Context, defineCommand } from '#discord/command.ts';
import { afterChange, withSettings } from '#discord/panels/settings.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, tell } from '#discord/reply.ts';
import { code } from '#discord/text.ts';
import { refuseTarget } from '#discord/wrong-target.ts';
import { type ChangeOutcome, changeSettings, chooseRepo, type Settings } from '#guilds/settings.ts';
import { Refusal } from '#kernel/errors.ts';
import { checkTarget } from '#tasks/check-target.ts';
import { branchOf, repositoryOf } from '#tasks/request-task.ts';
import { suggestBranch, suggestRepo } from './suggest.ts';

type Choice = { readonly repo: string | null; readonly branch: string | undefined };

const at = (choice: { repo: string; branch: string | null } | undefined) =>
  choice ? `${code(choice.repo)} @ ${choice.branch === null ? 'its default branch' : code(choice.branch)}` : 'not set';

const SAVED = 'Saved.';

/** In the order in which they apply; the first that is set wins. */
function show(settings: Settings, done?: typeof SAVED): Reply {
  const from = (source: string) => settings.repos.find((choice) => choice.from === source);
  const used = settings.repos[0];
  const lines = [
    ...(done ? [done] : []),
    'Without the option `repo`, the first of these that is set is used:',
    `1. **Yours:** ${at(from('person'))}`,
    `2. **This channel's:** ${at(from('channel'))}`,
    `3. **The server's:** ${at(from('server'))}`,
    used ? `So a task of yours here works on ${at(used)}.` : 'None is set, so a task must name one.',
  ];
  return tell(lines.join('\n'));
}

function wished({
  repo,
  branch,
  forget,
}: {
  repo: string | undefined;
  branch: string | undefined;
  forget: boolean;
}): Choice | null {
  if (forget && repo !== undefined) {
    throw new Refusal(
      'both_named',
      'Either name a repository or forget the one that is set, not both. Nothing was changed.',
    );
  }
  if (forget) return { repo: null, branch: undefined };
  if (repo === undefined) {
    if (branch === undefined) return null;
    throw new Refusal('branch_alone', 'A branch needs its repository: name both. Nothing was changed.');
  }
  return { repo: repositoryOf(repo), branch: branch === undefined ? undefined : branchOf(branch) };
}

/** What is known to be wrong is refused at once, not at the next task. */
async function wrongChoice({ rpc, actor }: Context, { repo, branch }: Choice): Promise<Reply | null> {
  const wrong = repo === null ? null : await checkTarget(rpc, actor, { repo, branch });
  return wrong && refuseTarget(wrong, 'nothing was changed');
}

/** A branch of another repository is no default for a new one, so it goes back to `main`. */
function setServer({ rpc, actor }: Context, { repo, branch }: Choice): Promise<ChangeOutcome> {
  return changeSettings(rpc, actor, { default_repo: repo, default_branch: branch ?? 'main' });
}

const OPTIONS = {
  repo: { kind: 'string', description: 'owner/name; left out: show what is set', suggest: suggestRepo },
  branch: { kind: 'string', description: 'The branch to start from', suggest: suggestBranch },
  forget: { kind: 'boolean', description: 'Forget the one that is set' },
} as const;

const FOR_ME = ' Or set one for yourself alone, with the option `scope: me`.';

export const configRepo = defineCommand({
  name: 'repo',
  description: 'The repository of tasks that name none: the server’s or yours',
  operation: 'settings.change',
  options: {
    ...OPTIONS,
    scope: { kind: 'string', description: 'For the whole server (default) or for me', choices: ['server', 'me'] },
  },
  async run(context, { repo, branch, forget, scope }) {
    const choice = wished({ repo, branch, forget: forget ?? false });
    if (choice === null) return withSettings(context, (settings) => show(settings));
    const wrong = await wrongChoice(context, choice);
    if (wrong) return wrong;
    const { rpc, actor } = context;
    const changed =
      scope === 'me'
        ? await chooseRepo(rpc, actor, { kind: 'person', id: actor.id, ...choice })
        : await setServer(context, choice);
    if (changed.kind === 'not_permitted') return refusedByGate(changed, FOR_ME);
    return afterChange(context, changed, (settings) => show(settings, SAVED));
  },
});

function showChannels(settings: Settings, done?: typeof SAVED): Reply {
  const { channels } = settings;
  const lines = channels.slice(0, 15).map((one) => `<#${one.id}>: ${at(one)}`);
  const more = channels.length > lines.length ? [`… and ${channels.length - lines.length} more`] : [];
  const head =
    lines.length > 0 ? 'Channels with a repository of their own:' : 'No channel has a repository of its own.';
  return tell([...(done ? [done] : []), head, ...lines, ...more].join('\n'));
}

export const configChannel = defineCommand({
  name: 'channel',
  description: 'The repository of tasks that are asked in a channel and name none',
  operation: 'settings.change',
  options: { ...OPTIONS, channel: { kind: 'channel', description: 'The channel; left out: this one' } },
  async run(context, { repo, branch, forget, channel }) {
    const choice = wished({ repo, branch, forget: forget ?? false });
    if (choice === null) return withSettings(context, (settings) => showChannels(settings));
    const wrong = await wrongChoice(context, choice);
    if (wrong) return wrong;
    const { rpc, actor } = context;
    const id = channel ?? actor.parent_channel ?? actor.channel ?? '';
    const changed = await chooseRepo(rpc, actor, { kind: 'channel', id, ...choice });
    return afterChange(context, changed, (settings) => showChannels(settings, SAVED));
  },
});
