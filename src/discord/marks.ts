import { type PlaceProblem, placeProblem } from './failure.ts';
import type { MessageRow } from './message.ts';
import { parkMessage, recordMessage } from './outbox.ts';
import { type Moment, orLater, type SendDeps, type Step } from './send.ts';

/**
 * A mark is a note of one sign: a reaction on what a person wrote in a thread. It is owed like other notes; but to react
 * twice is to react once, so it needs no intent, and whoever finds it unsent does it again.
 */
const MARKS: Readonly<Record<string, string>> = { kept: '📨', told: '✅', warned: '⚠️', barred: '🚫' };
export const WARNED = '⚠️';

type Mark = MessageRow & { readonly facts: { readonly on: string } };

export const isMark = (row: MessageRow): row is Mark =>
  typeof row.facts.on === 'string' && row.facts['parked'] === undefined && MARKS[row.view] !== undefined;

/** Why what was to be marked is told in words. */
export const NO_REACTION = 'no_reaction';

/** That Jules was told must be seen: where no reaction may stand, it is said. Of the others there are words already. */
async function withoutMark({ rpc, log }: SendDeps, row: Mark, problem: PlaceProblem): Promise<Step> {
  log.warn({ message: row.id, view: row.view, problem }, 'A message could not be marked');
  const isSaid = row.view === 'told' && problem !== 'channel_gone';
  await parkMessage(rpc, {
    id: row.id,
    reason: isSaid ? NO_REACTION : problem,
    ...(isSaid && { instead: { place: 'channel', id: row.place_id } }),
  });
  return { kind: 'again' };
}

async function showMark(deps: SendDeps, row: Mark, { signal }: Moment): Promise<Step> {
  const at = { channelId: row.place_id, messageId: row.facts.on };
  try {
    await deps.client.react({ ...at, emoji: MARKS[row.view] ?? WARNED }, { signal });
  } catch (error) {
    const problem = placeProblem(error);
    if (problem === undefined) throw error;
    return withoutMark(deps, row, problem);
  }
  await recordMessage(deps.rpc, row.id, { channel_id: at.channelId, message_id: at.messageId });
  return { kind: 'settled' };
}

/** What is still owed, in order; a sign that a later one has overtaken is not shown any more. */
export async function showMarks(deps: SendDeps, rows: readonly MessageRow[], at: Moment): Promise<Step[]> {
  const marks = rows.filter(isMark);
  const newest = new Map(marks.map((row) => [row.facts.on, row.id]));
  const steps: Step[] = [];
  for (const row of marks) {
    if (newest.get(row.facts.on) !== row.id) {
      await parkMessage(deps.rpc, { id: row.id, reason: 'overtaken' });
      continue;
    }
    const step = await orLater(at, () => showMark(deps, row, at));
    steps.push(step);
    if (step.kind === 'later') break;
  }
  return steps;
}
