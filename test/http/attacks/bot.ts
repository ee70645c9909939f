import { freshDatabase, type TestDatabase } from '../../support/database.ts';
import { type HttpProcess, startHttpProcess } from '../../support/http-process.ts';
import { aCommand, aModal, aPress, aTyping, PEOPLE } from '../../support/interaction.ts';
import { aServer, CREATE_ROLE, someSources } from '../../support/tasks.ts';
import { publicKey } from '../support.ts';
import { pour } from './line.ts';
import { asDiscord, WEBHOOK_SECRET } from './signing.ts';

export type Attacked = {
  readonly bot: HttpProcess;
  readonly database: TestDatabase;
  /** A `/jules` that is recorded, by one of many people in one of many servers. */
  readonly honest: () => Buffer;
  stop(): Promise<void>;
};

const SERVERS = Array.from({ length: 8 }, (_, at) => `90000000000000001${at}`);
const PING = JSON.stringify({ id: '1400000000000000001', type: 1, version: 1 });

function honestFrom(): () => Buffer {
  let at = 0;
  return () => {
    at += 1;
    const guild = SERVERS[at % SERVERS.length];
    const person = { id: `1300000000000${100_000 + (at % 200)}`, roles: [CREATE_ROLE] };
    const facts = { guild_id: guild, guild: { id: guild, features: [], locale: 'en-US' } };
    return asDiscord(
      Buffer.from(JSON.stringify(aCommand(person, 'jules', { prompt: `Add a health check (${at})` }, facts))),
    );
  };
}

/** What Discord may send, of every kind that has handlers. */
export const PAYLOADS = [
  aCommand(PEOPLE.admin, 'jules', { prompt: 'Add a health check', repo: 'octo/repo' }),
  aCommand(PEOPLE.admin, 'config roles'),
  aTyping(PEOPLE.requester, 'jules', { prompt: 'Add', repo: 'oc' }, 'oc'),
  aPress(PEOPLE.approver, 'v1:confirm:0190b8a8-0000-7000-8000-000000000000'),
  aPress(PEOPLE.admin, 'v1:roles:create', ['1300000000000000011']),
  aModal(PEOPLE.approver, 'v1:reject-reason:0190b8a8-0000-7000-8000-000000000000', 'no'),
];

/** A process of the bot with the role `http`, behind one proxy, on a database with servers that are set up. */
export async function startAttacked(): Promise<Attacked> {
  const database = await freshDatabase();
  try {
    for (const guild of SERVERS) await someSources(database, await aServer(database, { guild }));
    const bot = await startHttpProcess({
      DATABASE_URL: database.workerUrl,
      DISCORD_PUBLIC_KEY: publicKey,
      JULES_WEBHOOK_SECRET: WEBHOOK_SECRET,
      VERNE_TRUSTED_PROXIES: '1',
    });
    return {
      bot,
      database,
      honest: honestFrom(),
      stop: async () => {
        await bot.stop();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** What a process needs once, it then has: memory that grows later is the attack's. */
export async function warm({ bot: { port } }: Attacked, count: number): Promise<void> {
  let left = count;
  const body = Buffer.from(PING);
  const next = () => (left-- > 0 ? asDiscord(body) : undefined);
  await pour({ port, connections: 16, next, heard: () => {} });
}
