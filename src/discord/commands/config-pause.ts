import { ago } from '#discord/cards/body.ts';
import { defineCommand } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import { tell } from '#discord/reply.ts';
import { type PauseOutcome, pauseGuild } from '#guilds/pause.ts';

const EVERYWHERE = '⏸️ Those who run Verne have paused it everywhere, so nothing new begins until they end that too.';

type Answer = Extract<PauseOutcome, { kind: 'paused_now' | 'resumed' }>;

const begun = ({ by, since, everywhere }: Answer): string[] => [
  `⏸️ <@${by}> has paused Verne in this server${since ? ` ${ago(since)}` : ''}. Nothing new begins at Jules and no plan is approved; what Jules is already working on goes on there, and Cancel still stops it. End it with \`/config pause resume:True\`.`,
  ...(everywhere ? [EVERYWHERE] : []),
];

const ended = ({ everywhere }: Answer): string[] =>
  everywhere
    ? ['The pause of this server is over.', EVERYWHERE]
    : ['▶️ Verne works again in this server. What waited goes on.'];

export const configPause = defineCommand({
  name: 'pause',
  description: 'Stop: nothing new begins at Jules in this server, no plan is approved, until you resume',
  operation: 'guild.pause',
  options: { resume: { kind: 'boolean', description: 'End the pause' } },
  async run({ rpc, actor }, { resume }) {
    const outcome = await pauseGuild(rpc, actor, !resume);
    if (outcome.kind === 'paused_now') return tell(begun(outcome).join('\n'));
    if (outcome.kind === 'resumed') return tell(ended(outcome).join('\n'));
    return refusedByGate(outcome);
  },
});
