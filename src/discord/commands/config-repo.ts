import { type Context, defineCommand } from '#discord/command.ts';
import { afterChange, withSettings } from '#discord/panels/settings.ts';
import { refusedByGate } from '#discord/refused.ts';
import { type Reply, tell } from '#discord/reply.ts';
import { code } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
import { refuseTarget } from '#discord/wrong-target.ts';
import { type ChangeOutcome, changeSettings, chooseRepo, type Settings } from '#guilds/settings.ts';
import { Refusal } from '#kernel/errors.ts';
import { checkTarget } from '#tasks/check-target.ts';
import { branchOf, repositoryOf } from '#tasks/request-task.ts';
import { suggestBranch, suggestRepo } from './suggest.ts';

type Choice = { readonly repo: string | null; readonly branch: string | undefined };

function at(choice: { repo: string; branch: string | null } | undefined): string {
  const { at, atDefault, notSet } = words().settings.repo;
  if (!choice) return notSet;
  return choice.branch === null ? atDefault(code(choice.repo)) : at(code(choice.repo), code(choice.branch));
}

/** In the order in which they apply; the first that is set wins. */
function show(settings: Settings, done?: string): Reply {
  const said = words().settings.repo;
  const from = (source: string) => settings.repos.find((choice) => choice.from === source);
  const used = settings.repos[0];
  const lines = [
    ...(done ? [done] : []),
    said.order,
    said.yours(at(from('person'))),
    said.channels(at(from('channel'))),
    said.servers(at(from('server'))),
    used ? said.used(at(used)) : said.noneUsed,
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
    throw new Refusal('both_named', words().settings.repo.bothNamed);
  }
  if (forget) return { repo: null, branch: undefined };
  if (repo === undefined) {
    if (branch === undefined) return null;
    throw new Refusal('branch_alone', words().settings.repo.branchAlone);
  }
  return { repo: repositoryOf(repo), branch: branch === undefined ? undefined : branchOf(branch) };
}

/** What is known to be wrong is refused at once, not at the next task. */
async function wrongChoice({ rpc, actor }: Context, { repo, branch }: Choice): Promise<Reply | null> {
  const wrong = repo === null ? null : await checkTarget(rpc, actor, { repo, branch });
  return wrong && refuseTarget(wrong, 'changed');
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
    if (changed.kind === 'not_permitted') return refusedByGate(changed, words().settings.repo.forMe);
    return afterChange(context, changed, (settings) => show(settings, words().common.saved));
  },
});

function showChannels(settings: Settings, done?: string): Reply {
  const { channelsWith, noChannel } = words().settings.repo;
  const { channels } = settings;
  const lines = channels.slice(0, 15).map((one) => `<#${one.id}>: ${at(one)}`);
  const more = channels.length > lines.length ? [words().common.more(channels.length - lines.length)] : [];
  const head = lines.length > 0 ? channelsWith : noChannel;
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
    return afterChange(context, changed, (settings) => showChannels(settings, words().common.saved));
  },
});
