import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

type Call = { readonly id: number; readonly name: string; readonly body: unknown };
type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string };

/** In a child: answers what its parent asks, and ends with it. */
export function serve(handlers: Readonly<Record<string, (body: never) => unknown>>): void {
  process.once('disconnect', () => process.exit());
  process.on('message', async ({ id, name, body }: Call) => {
    const send = (answer: Answer) => void process.send?.(answer);
    try {
      send({ id, value: await handlers[name]?.(body as never) });
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}

export type Remote = {
  readonly child: ChildProcess;
  ask<Value = unknown>(name: string, body?: unknown): Promise<Value>;
  stop(): Promise<void>;
};

/** Starts a file of this folder as a process that `serve`s. */
export function startRemote(file: string, wish: object): Remote {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(wish)], {
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let calls = 0;
  child.on('message', ({ id, value, error }: Answer) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new Error(`${file}: ${error}`));
  });
  const gone = once(child, 'exit');
  gone.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} has ended`));
  });
  return {
    child,
    ask: async <Value>(name: string, body?: unknown) => {
      if (!child.connected) throw new Error(`${file} has ended`);
      calls += 1;
      const call = Promise.withResolvers<unknown>();
      waiting.set(calls, call);
      child.send({ id: calls, name, body } satisfies Call);
      return (await call.promise) as Value;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

export const wishOf = <Wish>() => JSON.parse(process.argv[2] ?? '{}') as Wish;
