import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RpcArgs } from '#kernel/rpc.ts';

const CHILD = fileURLToPath(new URL('./race-child.ts', import.meta.url));

/** A call of a function of the database. */
export type Call = { readonly name: string; readonly args: RpcArgs };
/** What it answered, or the code of what it threw. */
export type Outcome = {
  readonly kind: string;
  readonly task?: { readonly decided_by: string | null };
  readonly threw?: string;
};

/** Processes of their own, each with its connections, that call at the same moment. */
export type Racers = {
  /** All of them at once, shared out among the processes; the answers in the order of the calls. */
  race(calls: readonly Call[]): Promise<readonly Outcome[]>;
  stop(): Promise<void>;
};

async function answersOf(child: ChildProcess, calls: readonly Call[]): Promise<Outcome[]> {
  const answered = once(child, 'message');
  child.send(calls);
  const [outcomes] = (await answered) as [Outcome[]];
  return outcomes;
}

export async function startRacers(
  workerUrl: string,
  { processes, connections }: { processes: number; connections: number },
): Promise<Racers> {
  const children = Array.from({ length: processes }, () =>
    fork(CHILD, [workerUrl, String(connections)], { execArgv: [] }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  return {
    async race(calls) {
      const share = (at: number) => calls.filter((_, index) => index % processes === at);
      const answers = await Promise.all(children.map((child, at) => answersOf(child, share(at))));
      return calls.flatMap((_, index) => answers[index % processes]?.[Math.floor(index / processes)] ?? []);
    },
    async stop() {
      await Promise.all(
        children.map(async (child) => {
          const gone = once(child, 'exit');
          child.disconnect();
          await gone;
        }),
      );
    },
  };
}
