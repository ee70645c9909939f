import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DiscordClient, discordClient } from '#discord/client.ts';
import { toResponse } from '#discord/reply.ts';

let client: DiscordClient;
beforeAll(() => {
  client = discordClient({ token: 'x', apiBase: 'http://127.0.0.1:9/api', timeoutMs: 500 });
});
afterAll(() => client.close());

/** Bodies that only a mistake can make: the types forbid them. */
const BAD: readonly object[] = [
  { content: 'hi' },
  { content: 'hi', allowed_mentions: null },
  { content: 'hi', allowed_mentions: {} },
  { content: 'hi', allowed_mentions: { parse: ['everyone'] } },
  { content: 'hi', allowed_mentions: { users: ['1300000000000000022'] } },
  { content: 'hi', allowedMentions: { parse: [] } },
];

describe.each(BAD.map((body) => [JSON.stringify(body), body] as const))(
  'a body that does not say whom it pings, %s',
  (_name, bad) => {
    const body = bad as { allowed_mentions: { parse: [] } };

    test('is never posted, nor does it take the place of another', async () => {
      const sending = { sendBefore: performance.now() + 10_000 };
      await expect(client.post({ channelId: '1', body, nonce: 'n' }, sending)).rejects.toThrow(/whom it may ping/);
      await expect(client.edit({ channelId: '1', messageId: '2', body }, sending)).rejects.toThrow(/whom it may ping/);
    });

    test('is no answer to an interaction', () => {
      expect(() => toResponse({ kind: 'message', ephemeral: true, body })).toThrow(TypeError);
      expect(() => toResponse({ kind: 'update', body })).toThrow(TypeError);
    });
  },
);
