import type { Channel, Guild, Member, Overwrite } from './model.ts';

/** The bits that the sandbox looks at; the rest of Discord's are carried as numbers. */
export const PERMISSIONS = {
  ADMINISTRATOR: 1n << 3n,
  MANAGE_CHANNELS: 1n << 4n,
  MANAGE_GUILD: 1n << 5n,
  ADD_REACTIONS: 1n << 6n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  MANAGE_MESSAGES: 1n << 13n,
  EMBED_LINKS: 1n << 14n,
  ATTACH_FILES: 1n << 15n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  MENTION_EVERYONE: 1n << 17n,
  USE_EXTERNAL_EMOJIS: 1n << 18n,
  MANAGE_ROLES: 1n << 28n,
  USE_APPLICATION_COMMANDS: 1n << 31n,
  MANAGE_THREADS: 1n << 34n,
  CREATE_PUBLIC_THREADS: 1n << 35n,
  CREATE_PRIVATE_THREADS: 1n << 36n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
} as const;

export type PermissionName = keyof typeof PERMISSIONS;

export const ALL_PERMISSIONS = (1n << 50n) - 1n;

export const bitsOf = (names: readonly PermissionName[]): bigint =>
  names.reduce((sum, name) => sum | PERMISSIONS[name], 0n);

export const holds = (bits: bigint, name: PermissionName): boolean =>
  (bits & (PERMISSIONS.ADMINISTRATOR | PERMISSIONS[name])) !== 0n;

function applied(bits: bigint, overwrites: readonly Overwrite[]): bigint {
  const deny = overwrites.reduce((sum, one) => sum | BigInt(one.deny), 0n);
  const allow = overwrites.reduce((sum, one) => sum | BigInt(one.allow), 0n);
  return (bits & ~deny) | allow;
}

/** Discord's order: everyone and roles, owner and administrator at once, then the channel's overwrites. */
export function permissionsOf(guild: Guild, member: Member, channel?: Channel): bigint {
  if (guild.owner_id === member.user.id) return ALL_PERMISSIONS;
  const mine = guild.roles.filter((role) => role.id === guild.id || member.roles.includes(role.id));
  const base = mine.reduce((sum, role) => sum | BigInt(role.permissions), 0n);
  if (base & PERMISSIONS.ADMINISTRATOR) return ALL_PERMISSIONS;
  const overwrites = channel?.permission_overwrites ?? [];
  const everyone = overwrites.filter((one) => one.id === guild.id);
  const roles = overwrites.filter((one) => one.type === 0 && member.roles.includes(one.id));
  const own = overwrites.filter((one) => one.type === 1 && one.id === member.user.id);
  return [everyone, roles, own].reduce(applied, base);
}
