import { storable } from '#kernel/rpc.ts';
import type { JulesActivity, JulesOutput, JulesSession } from './ports.ts';

/** What is larger than this stays at Jules alone: a database keeps it for each task, and Discord takes little more. */
const PATCH_BYTES = 1024 * 1024;

/** As it is kept: `text` is null where it is too large, or would not be the same when it comes back. */
export type KeptPatch = { readonly text: string | null; readonly chars: number; readonly base_commit: string | null };

const isPatch = ({ patchChars }: JulesOutput) => (patchChars ?? 0) > 0;

function kept({ patch = '', patchChars = 0, baseCommit }: JulesOutput): KeptPatch {
  const isWhole = patch.length === patchChars && Buffer.byteLength(patch) <= PATCH_BYTES && storable(patch) === patch;
  const base = /^[0-9a-f]{7,64}$/.test(baseCommit ?? '') ? (baseCommit ?? null) : null;
  return { text: isWhole ? patch : null, chars: patchChars, base_commit: base };
}

/**
 * The newest patch of what Jules told; change sets are cumulative, so the last one is all of its work. The outputs are of
 * its last end: while it is not complete (again), what it tells, and what is known of that, is newer.
 */
export function newestPatch(
  { state, outputs, updateTime }: JulesSession,
  activities: readonly JulesActivity[],
  isKnown = false,
): KeptPatch | undefined {
  const teller = activities.findLast(({ artifacts }) => artifacts.some(isPatch));
  const told = teller?.artifacts.findLast(isPatch);
  const isOfItsEnd = state === 'COMPLETED' && !(teller && updateTime && teller.createTime > updateTime);
  const output = outputs.findLast(isPatch);
  const found = isOfItsEnd ? (output ?? told) : (told ?? (isKnown ? undefined : output));
  return found && kept(found);
}
