import { randomBytes } from 'node:crypto';
import { type APIBaseInteraction, InteractionContextType, type InteractionType } from 'discord-api-types/v10';
import type { Channel, Guild, Interaction, Message, User } from './model.ts';
import { channelView, memberView, messageView, permissionsIn, userView } from './views.ts';
import { emit, guildOf, localeOf, memberOf, type World } from './world.ts';

const ATTACHMENT_LIMIT_BYTES = 10 * 1024 * 1024;
const INTERACTIONS_KEPT = 500;
/**
 * What the typings know of a payload of any kind: a field that is misspelt or missing does not compile. Messages are
 * held against Discord's document instead, wherever REST answers them.
 */
type Payload = Omit<APIBaseInteraction<InteractionType, object>, 'message'> & { readonly message?: object };

export type Cause = {
  readonly type: number;
  readonly user: User;
  readonly channel: Channel;
  /** The command's full name or the pressed custom id. */
  readonly about: string;
  readonly message?: Message;
};

export function beginInteraction(world: World, cause: Cause): Interaction {
  const interaction: Interaction = {
    id: world.newId(),
    token: randomBytes(64).toString('base64url'),
    type: cause.type,
    user: cause.user,
    channelId: cause.channel.id,
    about: cause.about,
    createdAt: world.now(),
    ...(cause.message && { messageId: cause.message.id }),
    state: 'waiting',
    expiresAt: world.now() + world.times.tokenLifeMs,
  };
  world.interactions.set(interaction.id, interaction);
  forgetOldest(world);
  return interaction;
}

/** Nobody answered as Discord wants it: the person is told so, and a later answer meets an unknown interaction. */
export function failInteraction(world: World, interaction: Interaction): void {
  // A second delivery may fail after the first was answered.
  if (interaction.state !== 'waiting') return;
  interaction.state = 'failed';
  emit(world, 'SANDBOX_INTERACTION', { id: interaction.id, state: interaction.state }, 'page');
}

/** The oldest go first; only one whose token has run out is of no more use. */
function forgetOldest({ interactions, now }: World): void {
  const [oldest] = interactions.values();
  if (oldest && interactions.size > INTERACTIONS_KEPT && oldest.expiresAt <= now()) interactions.delete(oldest.id);
}

type Whereabouts = Pick<
  Payload,
  'guild_id' | 'guild' | 'guild_locale' | 'member' | 'user' | 'authorizing_integration_owners' | 'context'
>;

function whoAndWhere(world: World, cause: Cause, guild: Guild | undefined): Whereabouts {
  const member = memberOf(guild, cause.user.id);
  if (!(guild && member)) {
    const user = userView(cause.user);
    return { user, authorizing_integration_owners: { '0': '0' }, context: InteractionContextType.BotDM };
  }
  return {
    guild_id: guild.id,
    guild: { id: guild.id, features: [], locale: guild.preferred_locale },
    guild_locale: guild.preferred_locale,
    member: { ...memberView(member), permissions: permissionsIn(world, cause.channel, cause.user.id) },
    authorizing_integration_owners: { '0': guild.id },
    context: InteractionContextType.Guild,
  };
}

/** Every field that Discord sends with an interaction today. */
export function payloadOf(world: World, interaction: Interaction, given: { cause: Cause; data: object }): object {
  const { cause, data } = given;
  const guild = guildOf(world, cause.channel);
  return {
    id: interaction.id,
    application_id: world.bot.id,
    type: interaction.type,
    token: interaction.token,
    version: 1,
    data,
    channel_id: cause.channel.id,
    channel: {
      id: cause.channel.id,
      type: cause.channel.type,
      ...channelView(world, cause.channel),
      // Discord sends them here, though the typings have them not.
      ...{ permissions: permissionsIn(world, cause.channel, cause.user.id) },
    },
    ...whoAndWhere(world, cause, guild),
    app_permissions: permissionsIn(world, cause.channel, world.bot.id),
    locale: localeOf(world, cause.user.id),
    entitlements: [],
    attachment_size_limit: ATTACHMENT_LIMIT_BYTES,
    ...(cause.message && { message: messageView(world, cause.message) }),
  } satisfies Payload;
}
