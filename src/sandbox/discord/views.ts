import type { APIGuildMember, APIRole, APIUser } from 'discord-api-types/v10';
import { CHANNEL, type Channel, type Guild, type Member, type Message, type Role, type User } from './model.ts';
import { ALL_PERMISSIONS, permissionsOf } from './permissions.ts';
import { guildOf, isThread, memberOf, permissionHome, type World } from './world.ts';

/** The shapes that Discord serves where they differ from what is kept. */

const NO_FLAGS: number = 0;

/** `mfa_enabled` and `locale` stand only in `users/@me`. */
export const userView = (user: User) =>
  ({
    ...user,
    flags: user.public_flags,
    banner: null,
    accent_color: null,
    primary_guild: null,
  }) satisfies APIUser;

export const roleView = (role: Role) =>
  ({
    ...role,
    colors: { primary_color: role.color, secondary_color: null, tertiary_color: null },
    icon: null,
    unicode_emoji: null,
  }) satisfies APIRole;

export const memberView = (member: Member) =>
  ({
    user: userView(member.user),
    roles: member.roles,
    nick: member.nick,
    avatar: null,
    banner: null,
    joined_at: member.joined_at,
    premium_since: null,
    communication_disabled_until: null,
    deaf: false,
    mute: false,
    pending: false,
    flags: NO_FLAGS,
  }) satisfies APIGuildMember;

export function channelView(world: World, channel: Channel): object {
  if (channel.type === CHANNEL.DM) {
    // The name is the sandbox's own: people see with whom they talk.
    const { name: _, ...facts } = channel;
    return { flags: 0, ...facts, recipients: (channel.recipients ?? []).map(userView) };
  }
  const facts = { rate_limit_per_user: 0, flags: 0, ...channel };
  if (!isThread(channel)) return { nsfw: false, ...facts };
  const member = { id: channel.id, user_id: world.bot.id, join_timestamp: '2026-01-01T00:00:00.000Z', flags: 0 };
  return { ...facts, member_count: 1, total_message_sent: channel.message_count, member };
}

function threadStartedFrom(world: World, message: Message) {
  const thread = world.channels.get(message.id);
  return thread && isThread(thread) ? { thread: channelView(world, thread) } : {};
}

function referenced(world: World, message: Message) {
  if (!message.message_reference) return {};
  const target = world.messages.get(message.message_reference.message_id);
  return {
    message_reference: { type: REPLY, ...message.message_reference },
    referenced_message: target ? plainMessageView(world, target) : null,
  };
}

const REPLY = 0;

/** What a bot sent as an embed comes back with a type, and with every field's `inline`. */
const embedView = ({ fields, ...embed }: Message['embeds'][number]) => ({
  ...embed,
  type: 'rich',
  ...(fields && { fields: fields.map((field) => ({ ...field, inline: field.inline ?? false })) }),
});

/** The name of the command is for the page; Discord's clients know it from elsewhere. */
const originView = ({ name: _, command_type: __, ...rest }: Readonly<Record<string, unknown>>) => rest;

/** A message without the one that it answers, as it stands inside another. */
function plainMessageView(world: World, message: Message) {
  const { visible_to: _, guild_id: __, reactions: ___, interaction_metadata: origin, ...rest } = message;
  return {
    ...rest,
    ...(origin && { interaction_metadata: originView(origin) }),
    author: userView(message.author),
    embeds: message.embeds.map(embedView),
    mentions: message.mentions.map(userView),
    tts: false,
    pinned: false,
    ...threadStartedFrom(world, message),
  };
}

const reactionsView = (world: World, { reactions }: Message) =>
  reactions.map(({ emoji, users }) => ({
    emoji,
    count: users.size,
    count_details: { burst: 0, normal: users.size },
    me: users.has(world.bot.id),
    me_burst: false,
    burst_colors: [],
  }));

/** As REST answers it and as it stands in an interaction. */
export const messageView = (world: World, message: Message) => ({
  ...plainMessageView(world, message),
  ...(message.reactions.length > 0 && { reactions: reactionsView(world, message) }),
  ...referenced(world, message),
});

/** The gateway alone says on which server a message stands, and who its author is there. */
export function messageEvent(world: World, message: Message) {
  const { guild_id } = message;
  const member = guild_id === undefined ? undefined : memberOf(world.guilds.get(guild_id), message.author.id);
  const { user: _, ...there } = member ? memberView(member) : { user: undefined };
  return {
    ...messageView(world, message),
    ...(guild_id !== undefined && { guild_id }),
    ...(member && message.webhook_id === undefined && { member: there }),
  };
}

const channelsIn = (world: World, guild: Guild) =>
  [...world.channels.values()].filter((channel) => channel.guild_id === guild.id);

export const plainChannels = (world: World, guild: Guild): object[] =>
  channelsIn(world, guild)
    .filter((channel) => !isThread(channel))
    .map((channel) => channelView(world, channel));

const activeThreads = (world: World, guild: Guild): object[] =>
  channelsIn(world, guild)
    .filter((channel) => channel.thread_metadata?.archived === false)
    .map((channel) => channelView(world, channel));

export const guildView = (guild: Guild) => ({
  id: guild.id,
  name: guild.name,
  icon: null,
  splash: null,
  banner: null,
  description: null,
  discovery_splash: null,
  owner_id: guild.owner_id,
  afk_channel_id: null,
  afk_timeout: 300,
  application_id: null,
  default_message_notifications: 1,
  emojis: [],
  explicit_content_filter: 0,
  features: [],
  home_header: null,
  incidents_data: null,
  max_members: 500_000,
  max_presences: null,
  max_stage_video_channel_users: 50,
  max_video_channel_users: 25,
  mfa_level: 0,
  nsfw: false,
  nsfw_level: 0,
  preferred_locale: guild.preferred_locale,
  premium_progress_bar_enabled: false,
  premium_subscription_count: 0,
  premium_tier: 0,
  public_updates_channel_id: null,
  region: 'us-west',
  roles: guild.roles.map(roleView),
  rules_channel_id: null,
  safety_alerts_channel_id: null,
  stickers: [],
  system_channel_flags: 0,
  system_channel_id: null,
  vanity_url_code: null,
  verification_level: 0,
  widget_channel_id: null,
  widget_enabled: false,
});

/** What the gateway sends for each guild after READY. */
export function guildCreateView(world: World, guild: Guild): object {
  const bot = memberOf(guild, world.bot.id);
  return {
    ...guildView(guild),
    joined_at: bot?.joined_at,
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    channels: plainChannels(world, guild),
    threads: activeThreads(world, guild),
    members: bot ? [memberView(bot)] : [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

/** The bits that a person, or the bot, holds in a channel, as text. In a direct message everything is allowed. */
export function permissionsIn(world: World, channel: Channel, userId: string): string {
  const guild = guildOf(world, channel);
  const member = memberOf(guild, userId);
  if (!guild) return ALL_PERMISSIONS.toString();
  return (member ? permissionsOf(guild, member, permissionHome(world, channel)) : 0n).toString();
}
