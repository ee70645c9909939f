import { ago } from '#discord/cards/body.ts';
import { defineCommand } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import { tell } from '#discord/reply.ts';
import { words } from '#discord/words/words.ts';
import { type PauseOutcome, pauseGuild } from '#guilds/pause.ts';

type Answer = Extract<PauseOutcome, { kind: 'paused_now' | 'resumed' }>;

function begun({ by, since, everywhere }: Answer): string[] {
  const { pause } = words().settings;
  return [pause.begun(`<@${by}>`, since ? ago(since) : ''), ...(everywhere ? [pause.everywhere] : [])];
}

function ended({ everywhere }: Answer): string[] {
  const { pause } = words().settings;
  return everywhere ? [pause.overHere, pause.everywhere] : [pause.over];
}

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
