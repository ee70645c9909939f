/** `npm run chaos [-- --kills N --seed S --minutes M --transport postgres|supabase --keep DIR]` */
import { parseArgs } from 'node:util';
import { messageOf } from '#kernel/errors.ts';
import { type ChaosWish, isClean, reportLines, runChaos } from './chaos.ts';

function readWish(): ChaosWish {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { kills: text, seed: text, minutes: text, transport: text, open: text, keep: text },
  });
  const number = (name: 'kills' | 'seed' | 'minutes' | 'open', byDefault: number, from: number, to: number) => {
    const value = Number(values[name] ?? byDefault);
    if (!(value >= from && value <= to)) throw new Error(`--${name} is a number from ${from} to ${to}`);
    return value;
  };
  const transport = values.transport ?? 'postgres';
  if (transport !== 'postgres' && transport !== 'supabase') throw new Error('--transport is postgres or supabase');
  return {
    kills: number('kills', 100, 1, 1_000_000),
    seed: number('seed', 20_261_120, 0, 2 ** 31),
    minutes: number('minutes', 60, 0.1, 24 * 60),
    atOnce: number('open', 12, 1, 200),
    transport,
    guilds: 2,
    ...(values.keep !== undefined && { keepIn: values.keep }),
  };
}

const broken = Promise.withResolvers<never>();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => broken.reject(new Error(`${signal} came`)));

try {
  const report = await runChaos(readWish(), { say: console.log, broken: broken.promise });
  for (const line of reportLines(report)) console.log(line);
  process.exitCode = isClean(report) ? 0 : 1;
} catch (error) {
  console.error(`The chaos could not be told to its end: ${messageOf(error)}`);
  process.exitCode = 2;
}
process.exit();
