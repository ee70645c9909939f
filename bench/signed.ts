import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import nacl from 'tweetnacl';

/** `ping`: nothing but a signature to verify. `command`: `/jules`. `forged`: the same command, signed by another. */
export type Work = 'ping' | 'command' | 'forged';
export type Signed = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

export const SERVERS = Array.from({ length: 16 }, (_, at) => `1310000000000000${String(100 + at)}`);
export const CREATE_ROLE = '1300000000000000011';
const APP_ID = '1300000000000000090';
const CHANNEL = '1300000000000000002';
const REPEATED = 6000;

const SEEDS = { ours: new Uint8Array(32).fill(21), others: new Uint8Array(32).fill(22) };
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const keyOf = (seed: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
const ours = nacl.sign.keyPair.fromSeed(SEEDS.ours);
const KEYS = { ours: keyOf(SEEDS.ours), others: keyOf(SEEDS.others) };

export const PUBLIC_KEY = Buffer.from(ours.publicKey).toString('hex');

let last = 1_400_000_000_000_000_000n;
const newSnowflake = () => String(++last);

const userOf = (at: number) => ({
  id: `130000000000000${String(1000 + (at % 128))}`,
  username: `person${at % 128}`,
  global_name: `Person ${at % 128}`,
  discriminator: '0',
  avatar: 'a_d5efa99b3eeaa7dd43acca82f5692432',
  avatar_decoration_data: null,
  public_flags: 0,
  clan: null,
  primary_guild: null,
});

const common = { application_id: APP_ID, version: 1, entitlements: [], token: 'x'.repeat(200) };

function pingBody(at: number): string {
  return JSON.stringify({ ...common, id: newSnowflake(), type: 1, user: userOf(at) });
}

/** What Discord sends for a slash command in a server, about 2 KB. */
function commandBody(at: number): string {
  const guild = SERVERS[at % SERVERS.length];
  const prompt = `Add a health check to the service, with a test for each way in which it can fail (${at})`;
  return JSON.stringify({
    ...common,
    id: newSnowflake(),
    type: 2,
    guild_id: guild,
    guild: { id: guild, features: ['COMMUNITY', 'NEWS'], locale: 'en-US' },
    guild_locale: 'en-US',
    channel_id: CHANNEL,
    channel: {
      id: CHANNEL,
      type: 0,
      guild_id: guild,
      name: 'jules',
      topic: 'Tasks for Jules',
      flags: 0,
      nsfw: false,
      parent_id: '1300000000000000001',
      last_message_id: '1399999999999999999',
      permissions: '2248473465835073',
      position: 4,
      rate_limit_per_user: 0,
    },
    data: { id: '1300000000000000070', name: 'jules', type: 1, options: [{ name: 'prompt', type: 3, value: prompt }] },
    member: {
      user: userOf(at),
      roles: [CREATE_ROLE, '1300000000000000013', '1300000000000000014'],
      permissions: '2248473465835073',
      joined_at: '2025-03-01T10:00:00.000000+00:00',
      nick: null,
      avatar: null,
      banner: null,
      communication_disabled_until: null,
      deaf: false,
      mute: false,
      flags: 0,
      pending: false,
      premium_since: null,
      unusual_dm_activity_until: null,
    },
    app_permissions: '2248473465835073',
    locale: 'en-US',
    authorizing_integration_owners: { 0: guild },
    context: 0,
    attachment_size_limit: 10_485_760,
  });
}

function signedBy(key: KeyObject, body: string): Signed {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = sign(null, Buffer.from(timestamp + body), key).toString('hex');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-signature-ed25519': signature,
      'x-signature-timestamp': timestamp,
    },
  };
}

/** Node signs since it is a hundred times faster; that tweetnacl signs the same is checked on the first of each batch. */
function agree({ body, headers }: Signed): void {
  const bytes = Buffer.from(headers['x-signature-timestamp'] + body);
  const expected = Buffer.from(nacl.sign.detached(bytes, ours.secretKey)).toString('hex');
  if (headers['x-signature-ed25519'] !== expected) throw new Error('Node and tweetnacl sign differently.');
}

/** Signed now, so that no timestamp is older than the window: no two have the same id or the same bytes. */
export function signedRequests(work: Work, count = REPEATED): readonly Signed[] {
  const bodyOf = work === 'ping' ? pingBody : commandBody;
  const key = work === 'forged' ? KEYS.others : KEYS.ours;
  const requests = Array.from({ length: count }, (_, at) => signedBy(key, bodyOf(at)));
  const [first] = requests;
  if (first && work !== 'forged') agree(first);
  return requests;
}
