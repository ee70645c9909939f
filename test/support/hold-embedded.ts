/** A process that opens an embedded Postgres, says where, and leaves it when its standard input ends. */
import { startEmbedded } from '#db/embedded.ts';
import { makeLog } from '#kernel/log.ts';

const [dataDir = '', throwaway] = process.argv.slice(2);
const embedded = await startEmbedded({
  dataDir,
  throwaway: throwaway === 'throwaway',
  log: makeLog({ level: 'silent', secrets: [] }),
});
console.log(JSON.stringify({ adminUrl: embedded.adminUrl(), dataDir: embedded.dataDir }));
process.stdin.resume().on('end', () => void embedded.stop());
