import type { Context } from '#discord/command.ts';
import { refusedByGate } from '#discord/refused.ts';
import type { Reply } from '#discord/reply.ts';
import { type ChangeOutcome, readSettings, type Settings } from '#guilds/settings.ts';

/** Reads the settings as this person may see them, and answers with them. */
export async function withSettings(context: Context, show: (settings: Settings) => Reply): Promise<Reply> {
  const outcome = await readSettings(context.rpc, context.actor);
  return outcome.kind === 'settings' ? show(outcome) : refusedByGate(outcome);
}

/** After a change: what holds now, or why it was not changed. */
export async function afterChange(
  context: Context,
  outcome: ChangeOutcome,
  show: (settings: Settings) => Reply,
): Promise<Reply> {
  return outcome.kind === 'changed' ? withSettings(context, show) : refusedByGate(outcome);
}
