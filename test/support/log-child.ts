import { makeLog } from '#kernel/log.ts';

/** Logs until it is told to stop, then ends as a process does that has nothing left to do. */
const log = makeLog({ level: 'info', secrets: [] });
const logging = setInterval(() => {
  for (let line = 0; line < 50; line += 1) log.info({ filler: 'x'.repeat(2000) }, 'still here');
}, 5);
process.once('SIGTERM', () => {
  clearInterval(logging);
  process.exit(0);
});
process.stderr.write('ready\n');
