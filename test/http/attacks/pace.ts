import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, openLine } from './line.ts';

type Paced = {
  readonly port: number;
  readonly perSecond: number;
  readonly forMs: number;
  readonly connections: number;
  readonly next: () => Buffer;
};

export type Heard = {
  readonly answers: readonly Answer[];
  /** From the moment at which a request was due, so that waiting for a free connection counts. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** Requests at a fixed rate, whether or not the server keeps up. */
export async function atRate({ port, perSecond, forMs, connections, next }: Paced): Promise<Heard> {
  const free = Array.from({ length: connections }, () => openLine(port));
  const all = [...free];
  const answers: Answer[] = [];
  const count = Math.round((perSecond * forMs) / 1000);
  const startedAt = performance.now();
  const sending: Promise<void>[] = [];
  const sendOne = async (dueAt: number) => {
    let line = free.pop();
    while (!line) {
      await sleep(1);
      line = free.pop();
    }
    const answer = await line.send(next());
    free.push(line);
    answers.push({ ...answer, tookMs: performance.now() - dueAt });
  };
  for (let sent = 0; sent < count; ) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAt) * perSecond) / 1000));
    for (; sent < due; sent += 1) sending.push(sendOne(startedAt + (sent * 1000) / perSecond));
    await sleep(2);
  }
  await Promise.all(sending);
  for (const line of all) line.close();
  const sorted = answers.map(({ tookMs }) => tookMs).sort((one, other) => one - other);
  return { answers, p50Ms: at(sorted, 0.5), p99Ms: at(sorted, 0.99), maxMs: at(sorted, 1) };
}
