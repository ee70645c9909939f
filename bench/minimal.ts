/** The peer "discord-interactions": as little Fastify 5 as can answer Discord, verified as that package's readme says. */
import { InteractionResponseType, InteractionType, verifyKey } from 'discord-interactions';
import Fastify, { type FastifyRequest } from 'fastify';

const { PORT, DISCORD_PUBLIC_KEY = '' } = process.env;
const one = (header: string | string[] | undefined) => (typeof header === 'string' ? header : '');

const app = Fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => bytes);
app.post('/interactions', async ({ headers, body }, reply) => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const signature = one(headers['x-signature-ed25519']);
  const isGenuine = await verifyKey(bytes, signature, one(headers['x-signature-timestamp']), DISCORD_PUBLIC_KEY);
  if (!isGenuine) return reply.code(401).send({ error: 'bad signature' });
  const { type } = JSON.parse(bytes.toString('utf8')) as { type: number };
  return type === InteractionType.PING
    ? { type: InteractionResponseType.PONG }
    : { type: InteractionResponseType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE, data: { flags: 64 } };
});
process.once('disconnect', () => process.exit());
await app.listen({ host: '127.0.0.1', port: Number(PORT) });
