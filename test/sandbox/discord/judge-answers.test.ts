import { describe, expect, it } from 'vitest';
import { ANSWERS, answerIssues } from '#sandbox/discord/judge/answers.ts';
import { APP, GUILD, type Json, JULES_CHANNEL, REQUESTER, stages } from './support.ts';

const stage = stages();

const EVERYTHING = {
  content: 'see',
  embeds: [
    {
      title: 't',
      description: 'd',
      url: 'https://a.example',
      color: 1,
      timestamp: '2026-11-20T10:00:00.000Z',
      footer: { text: 'f' },
      author: { name: 'a' },
      fields: [{ name: 'n', value: 'v' }],
    },
  ],
  components: [
    {
      type: 1,
      components: [
        { type: 2, style: 1, label: 'Go', custom_id: 'go' },
        { type: 2, style: 5, label: 'Look', url: 'https://a.example' },
      ],
    },
    { type: 1, components: [{ type: 3, custom_id: 'pick', options: [{ label: 'a', value: 'a' }] }] },
    { type: 1, components: [{ type: 6, custom_id: 'roles', min_values: 0, max_values: 5 }] },
  ],
};
const IN_V2 = {
  flags: 1 << 15,
  components: [
    {
      type: 17,
      accent_color: 1,
      components: [
        {
          type: 9,
          components: [{ type: 10, content: 'hello' }],
          accessory: { type: 2, style: 5, label: 'Look', url: 'https://a.example' },
        },
        { type: 14 },
      ],
    },
  ],
};
const COMMANDS = [
  {
    name: 'jules',
    description: 'Ask Jules',
    options: [{ type: 3, name: 'prompt', description: 'What', required: true, max_length: 20 }],
    default_member_permissions: '32',
  },
];

/** One call of each kind that the sandbox answers, and its name in Discord's document. */
async function callEverything(): Promise<[name: string, status: number][]> {
  const { call, drive, login, api } = stage();
  const seen: [string, number][] = [];
  const say = async (name: string, path: string, body?: unknown): Promise<Json> => {
    const [method = ''] = name.split(' ');
    const answer = await call(method, path, body);
    seen.push([name, answer.status]);
    return answer.body;
  };
  const messages = `/channels/${JULES_CHANNEL}/messages`;
  const first = await say('POST /channels/{channel_id}/messages', messages, EVERYTHING);
  await say('POST /channels/{channel_id}/messages', messages, IN_V2);
  await say('POST /channels/{channel_id}/messages', messages, {
    content: 'x',
    message_reference: { message_id: first.id },
  });
  await api.channels.addMessageReaction(JULES_CHANNEL, first.id, '✅');
  await say('PATCH /channels/{channel_id}/messages/{message_id}', `${messages}/${first.id}`, { content: 'seen' });
  await say('POST /channels/{channel_id}/messages/{message_id}/threads', `${messages}/${first.id}/threads`, {
    name: 't',
  });
  await say('GET /channels/{channel_id}/messages/{message_id}', `${messages}/${first.id}`);
  await say('POST /channels/{channel_id}/threads', `/channels/${JULES_CHANNEL}/threads`, { name: 'u', type: 11 });
  await say('GET /channels/{channel_id}/messages', messages);
  const dm = await say('POST /users/@me/channels', '/users/@me/channels', { recipient_id: REQUESTER });
  await say('GET /channels/{channel_id}', `/channels/${dm.id}`);
  await say('GET /channels/{channel_id}', `/channels/${JULES_CHANNEL}`);
  await say('PATCH /channels/{channel_id}', `/channels/${first.id}`, { archived: true });
  await say('GET /gateway/bot', '/gateway/bot');
  await say('GET /users/@me', '/users/@me');
  await say('GET /users/{user_id}', `/users/${REQUESTER}`);
  await say('GET /applications/@me', '/applications/@me');
  await say('GET /oauth2/applications/@me', '/oauth2/applications/@me');
  const [everywhere, inGuild] = [`/applications/${APP}/commands`, `/applications/${APP}/guilds/${GUILD}/commands`];
  await say('PUT /applications/{application_id}/commands', everywhere, COMMANDS);
  await say('GET /applications/{application_id}/commands', everywhere);
  await say('PUT /applications/{application_id}/guilds/{guild_id}/commands', inGuild, COMMANDS);
  await say('GET /applications/{application_id}/guilds/{guild_id}/commands', inGuild);
  await say('GET /guilds/{guild_id}', `/guilds/${GUILD}`);
  await say('GET /guilds/{guild_id}/roles', `/guilds/${GUILD}/roles`);
  await say('GET /guilds/{guild_id}/channels', `/guilds/${GUILD}/channels`);
  await say('GET /guilds/{guild_id}/members/{user_id}', `/guilds/${GUILD}/members/${REQUESTER}`);
  await login(async ({ id, token }) => {
    const callback = `/interactions/${id}/${token}/callback?with_response=true`;
    await say('POST /interactions/{interaction_id}/{interaction_token}/callback', callback, {
      type: 4,
      data: EVERYTHING,
    });
    const webhook = `/webhooks/${APP}/${token}`;
    const own = '{webhook_id}/{webhook_token}';
    const follow = await say(`POST /webhooks/${own}`, webhook, EVERYTHING);
    await say(`PATCH /webhooks/${own}/messages/{message_id}`, `${webhook}/messages/@original`, IN_V2_ALONE);
    await say(`GET /webhooks/${own}/messages/{message_id}`, `${webhook}/messages/${follow.id}`);
    done.resolve();
  });
  const done = Promise.withResolvers<void>();
  await drive('command', { as: 'approver', name: 'jules', options: { prompt: 'Fix it' } });
  await done.promise;
  return seen;
}

const IN_V2_ALONE = { ...IN_V2, content: null, embeds: null };

describe('what the sandbox answers', () => {
  // Every answer of this folder's tests is judged, and a wrong one is told when its test is over.
  it('is known to Discord’s document, for every operation that it names', async () => {
    const seen = await callEverything();
    expect(seen.filter(([, status]) => status >= 300)).toEqual([]);
    expect(new Set(seen.map(([name]) => name))).toEqual(new Set(Object.keys(ANSWERS)));
  });

  it('would be found out if a field were missing, wrong or Discord’s not at all', async () => {
    const { body } = await stage().call('POST', `/channels/${JULES_CHANNEL}/messages`, { content: 'x' });
    const pathsOf = (payload: unknown) => {
      const answer = { method: 'POST', route: '/channels/:channel/messages', status: 200, payload };
      return answerIssues(answer).map(({ path }) => path.join('.'));
    };
    const { timestamp: _, ...incomplete } = body;
    expect(pathsOf(body)).toEqual([]);
    expect(pathsOf(incomplete)).toEqual(['timestamp']);
    expect(pathsOf({ ...body, author: { ...body.author, flags: 'none' } })).toEqual(['author.flags']);
    expect(pathsOf({ ...body, guild_id: GUILD })).toEqual(['guild_id']);
  });
});
