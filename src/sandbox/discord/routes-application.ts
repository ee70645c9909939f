import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { applicationView } from './application-view.ts';
import { type commandBody, commandList } from './command-body.ts';
import { discordError } from './errors.ts';
import { dmBody } from './message-body.ts';
import type { Command } from './model.ts';
import { demandRoomForCommands, identifiesLeft, type LimitDeps } from './rate-limits.ts';
import { decode } from './trace.ts';
import { channelView, userView } from './views.ts';
import { dmWith, emit, type World } from './world.ts';

type CommandBody = z.infer<typeof commandBody>;

/** An unchanged command keeps its id and version, so a repeated registration creates nothing. */
function replaceCommands(deps: LimitDeps, bodies: readonly CommandBody[], guildId?: string): Command[] {
  const { world } = deps;
  const names = bodies.map(({ type, name }) => `${type} ${name}`);
  const before = commandsOf(world, guildId);
  const known = new Set(before.map(({ type, name }) => `${type} ${name}`));
  demandRoomForCommands(deps, guildId ?? 'everywhere', names.filter((name) => !known.has(name)).length);
  for (const { id } of before) world.commands.delete(id);
  const after = bodies.map((body): Command => {
    const old = before.find(({ type, name }) => type === body.type && name === body.name);
    return {
      ...body,
      id: old?.id ?? world.newId(),
      application_id: world.bot.id,
      ...(guildId !== undefined && { guild_id: guildId }),
      version: world.newId(),
    };
  });
  for (const command of after) world.commands.set(command.id, command);
  emit(world, 'SANDBOX_COMMANDS', after, 'page');
  return after;
}

const commandsOf = (world: World, guildId?: string): Command[] =>
  [...world.commands.values()].filter((command) => command.guild_id === guildId);

const commandView = (command: Command) => ({
  default_member_permissions: null,
  dm_permission: true,
  contexts: null,
  integration_types: [0],
  nsfw: false,
  ...command,
});

/** Left out unless they are asked for, as Discord does. */
const unlocalised = (command: Command): Command =>
  JSON.parse(JSON.stringify(command, (key, value) => (key.endsWith('_localizations') ? undefined : value)));

const listed = (commands: readonly Command[], { with_localizations: wanted }: Listing) =>
  commands.map((one) => commandView(wanted === 'true' ? one : unlocalised(one)));

type Listing = { readonly with_localizations?: string };
type Ids = { Params: { application: string; guild: string }; Querystring: Listing };

export function applicationRoutes(api: FastifyInstance, deps: LimitDeps): void {
  const { world } = deps;
  const own = (application: string) => {
    if (application !== world.bot.id) throw discordError('missingAccess');
  };
  api.get('/gateway/bot', async () => ({
    url: `${world.origin.replace(/^http/, 'ws')}/gateway`,
    shards: 1,
    session_start_limit: identifiesLeft(deps),
  }));
  api.get('/users/@me', async () => ({ ...userView(world.bot), verified: true, mfa_enabled: true, locale: 'en-US' }));
  api.get<{ Params: { user: string } }>('/users/:user', async ({ params }) => {
    const user = world.users.get(params.user);
    if (!user) throw discordError('unknownUser');
    return userView(user);
  });
  api.get('/applications/@me', async () => applicationView(world));
  api.get('/oauth2/applications/@me', async () => applicationView(world));
  api.post('/users/@me/channels', async (request) => {
    const user = world.users.get(decode(request, dmBody).recipient_id);
    if (!user || user.bot) throw discordError('unknownUser');
    return channelView(world, dmWith(world, user));
  });

  const everywhere = '/applications/:application/commands';
  const inGuild = '/applications/:application/guilds/:guild/commands';
  api.get<Ids>(everywhere, async ({ params, query }) => {
    own(params.application);
    return listed(commandsOf(world), query);
  });
  api.put<Ids>(everywhere, async (request) => {
    own(request.params.application);
    return replaceCommands(deps, decode(request, commandList)).map(commandView);
  });
  api.get<Ids>(inGuild, async ({ params, query }) => {
    own(params.application);
    if (!world.guilds.has(params.guild)) throw discordError('missingAccess');
    return listed(commandsOf(world, params.guild), query);
  });
  api.put<Ids>(inGuild, async (request) => {
    own(request.params.application);
    if (!world.guilds.has(request.params.guild)) throw discordError('missingAccess');
    return replaceCommands(deps, decode(request, commandList), request.params.guild).map(commandView);
  });
}
