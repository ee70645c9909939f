import { z } from 'zod';
import { pullRequestUrl } from '#kernel/pull-request.ts';
import { call, type Rpc } from '#kernel/rpc.ts';

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['accepted', 'known']), task_id: z.string() }),
  z.object({ kind: z.literal('unknown_task') }),
  z.object({ kind: z.literal('foreign_pull_request'), repo: z.string() }),
]);
export type ReportOutcome = z.output<typeof outcome>;

/** What somebody outside says of a session, verified by the door that heard it. */
export type Report = {
  readonly id: string;
  readonly task_id?: string | undefined;
  readonly session?: string | undefined;
  readonly state?: string | undefined;
  readonly pr_url?: string | undefined;
};

/**
 * A report is a reason to look at Jules now. What Jules says wins; only a pull request of the task's own repository,
 * where Jules names none, is taken from the report. The same id is one report.
 */
export async function receiveReport(rpc: Rpc, report: Report): Promise<ReportOutcome> {
  // The database takes the same addresses; but what it is asked loses its NUL characters on the way. Any other is
  // nobody's, which the empty one is too.
  const ours = report.pr_url !== undefined && { pr_url: pullRequestUrl(report.pr_url) ?? '' };
  return call(rpc, outcome, 'receive_report', { report: { ...report, ...ours } });
}
