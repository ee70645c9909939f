/**
 * Loaded into every server before its own code (`node --import`), so that all are measured in the same way: how late
 * its event loop is, and how much of a core it took. An idle loop reads about one millisecond, the sampling interval.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export type Probe = { readonly loopP99Ms: number; readonly loopMaxMs: number; readonly cpuMs: number };

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let cpuFrom = process.cpuUsage();

function read(): Probe {
  const { user, system } = process.cpuUsage(cpuFrom);
  return { loopP99Ms: delay.percentile(99) / 1e6, loopMaxMs: delay.max / 1e6, cpuMs: (user + system) / 1000 };
}

process.on('message', (word) => {
  if (word === 'read') process.send?.(read());
  delay.reset();
  cpuFrom = process.cpuUsage();
});
// The server decides when it ends, not this channel.
process.channel?.unref();
