import type { AllowedMentions } from './message-body.ts';
import type { Channel, Component, Member, User } from './model.ts';
import { holds, permissionsOf } from './permissions.ts';
import { guildOf, memberOf, permissionHome, type World } from './world.ts';

type Pinged = {
  readonly mentions: readonly User[];
  readonly mention_roles: readonly string[];
  readonly mention_everyone: boolean;
};

export type Wording = {
  readonly content: string;
  readonly components: readonly Component[];
  readonly allowed: AllowedMentions | null | undefined;
  /** Channel messages parse everything by default, interaction and webhook messages users only. */
  readonly byDefault: readonly ('users' | 'roles' | 'everyone')[];
  readonly repliedTo?: User;
};

const TEXT_DISPLAY = 10;

/** Text displays ping as content does; embeds never ping. */
function textsOf(components: readonly Component[]): string[] {
  return components.flatMap((one) => [
    ...(one.type === TEXT_DISPLAY && one.content ? [one.content] : []),
    ...textsOf(one.components ?? []),
    ...textsOf(one.accessory ? [one.accessory] : []),
  ]);
}

const idsIn = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].flatMap(([, id]) => (id === undefined ? [] : [id]))),
];

const found = <T>(ids: readonly string[], map: ReadonlyMap<string, T>): T[] => ids.flatMap((id) => map.get(id) ?? []);

/** Who is truly pinged: named in the text, allowed by the sender, and within the sender's rights. */
export function pingedBy(
  world: World,
  place: { readonly channel: Channel; readonly author: User },
  wording: Wording,
): Pinged {
  const text = [wording.content, ...textsOf(wording.components)].join('\n');
  const parse = wording.allowed ? (wording.allowed.parse ?? []) : wording.byDefault;
  const guild = guildOf(world, place.channel);
  const author: Member | undefined = memberOf(guild, place.author.id);
  const rights = guild && author ? permissionsOf(guild, author, permissionHome(world, place.channel)) : 0n;
  const mayAll = holds(rights, 'MENTION_EVERYONE');

  const users = idsIn(text, /<@!?(\d+)>/g).filter(
    (id) => parse.includes('users') || wording.allowed?.users?.includes(id),
  );
  const replied =
    wording.repliedTo && (wording.allowed?.replied_user ?? !wording.allowed) ? [wording.repliedTo.id] : [];
  const roles = idsIn(text, /<@&(\d+)>/g)
    .filter((id) => parse.includes('roles') || wording.allowed?.roles?.includes(id))
    .filter((id) => guild?.roles.some((role) => role.id === id && (role.mentionable || mayAll)));
  return {
    mentions: found([...new Set([...users, ...replied])], world.users),
    mention_roles: roles,
    mention_everyone: mayAll && parse.includes('everyone') && /@(everyone|here)\b/.test(text),
  };
}
