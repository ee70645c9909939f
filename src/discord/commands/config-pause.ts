import { ago } from '#discord/cards/body.ts';
import { defineCommand } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import { tell } from '#discord/reply.ts';
import { pauseGuild } from '#guilds/pause.ts';

export const configPause = defineCommand({
  name: 'pause',
  description: 'Stop: nothing new begins at Jules in this server, no plan is approved, until you resume',
  operation: 'settings.change',
  options: { resume: { kind: 'boolean', description: 'End the pause' } },
  async run({ rpc, actor }, { resume }) {
    const outcome = await pauseGuild(rpc, actor, !resume);
    if (outcome.kind === 'resumed') return tell('▶️ Verne works again in this server. What waited goes on.');
    if (outcome.kind !== 'paused_now') return refusedByGate(outcome);
    return tell(
      `⏸️ Verne is paused in this server since ${ago(new Date())}. Nothing new begins at Jules and no plan is approved; what Jules is already working on goes on there, and Cancel still stops it. End it with \`/config pause resume:True\`.`,
    );
  },
});
