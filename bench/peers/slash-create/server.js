/** The peer "slash-create": its own Fastify server and one command that defers. It calls nobody. */
import Fastify from 'fastify';
import { FastifyServer, SlashCommand, SlashCreator } from 'slash-create';

class Jules extends SlashCommand {
  constructor(creator) {
    super(creator, {
      name: 'jules',
      description: 'Ask Jules',
      options: [{ type: 3, name: 'prompt', description: 'What Jules should do', required: true }],
    });
  }

  async run(context) {
    await context.defer(true);
  }
}

const { PORT, DISCORD_PUBLIC_KEY, DISCORD_APP_ID } = process.env;
const creator = new SlashCreator({
  applicationID: DISCORD_APP_ID,
  publicKey: DISCORD_PUBLIC_KEY,
  serverHost: '127.0.0.1',
  serverPort: Number(PORT),
});
creator.on('error', (error) => console.error(error));
creator.on('commandError', (_command, error) => console.error(error));
creator.registerCommand(new Jules(creator));
process.once('disconnect', () => process.exit());
await creator.withServer(new FastifyServer(Fastify())).startServer();
