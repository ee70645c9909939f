import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type APIComponentInMessageActionRow,
  type APIEmbed,
  ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10';
import { isKnownLink } from '#discord/links.ts';
import { words } from '#discord/words/words.ts';

export type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

/** Who may be pinged, always by name: an edit without it would fall back to pinging everybody who is mentioned. */
export type AllowedMentions = {
  readonly parse: [];
  readonly users?: string[];
  readonly roles?: string[];
};

/** Text that is too long for a message; its readers download it. */
export type TextFile = { readonly name: string; readonly text: string };

/** A message as it is sent to Discord, for create, edit and interaction answers alike. */
export type MessageBody = {
  readonly content?: string;
  readonly embeds?: APIEmbed[];
  readonly components?: Row[];
  readonly allowed_mentions: AllowedMentions;
  /** Sent with a new message; an edit leaves them as they are. */
  readonly files?: readonly TextFile[];
  readonly flags?: number;
};

/** People and roles who are told. */
export type Mention = { readonly roles: readonly string[]; readonly people: readonly string[] };

export const NOBODY: Mention = { roles: [], people: [] };

/** Discord takes at most 100 of each. */
export function allow({ roles, people }: Mention): AllowedMentions {
  return {
    parse: [],
    ...(people.length > 0 && { users: [...new Set(people)].slice(0, 100) }),
    ...(roles.length > 0 && { roles: [...new Set(roles)].slice(0, 100) }),
  };
}

const MOST_NAMED = 40;

/** Roles first; more names in a line would be a flood, so the others are counted, and not mentioned. */
export function mentions({ roles, people }: Mention): string {
  const all = [...roles.map((id) => `<@&${id}>`), ...people.map((id) => `<@${id}>`)];
  const left = all.length - MOST_NAMED;
  return [...all.slice(0, MOST_NAMED), ...(left > 0 ? [words().gate.andMore(left)] : [])].join(' ');
}

/** Never a notification, for what is only there to be read: SUPPRESS_NOTIFICATIONS. */
export const SILENT = 1 << 12;

/** Ticks in the reader's client, so the card need not be edited for it. */
export const ago = (instant: Date) => `<t:${Math.floor(instant.getTime() / 1000)}:R>`;

/** Buttons lead only where a link in a text may lead. */
export const isLink = isKnownLink;

export const linkButton = (label: string, url: string): APIButtonComponent => ({
  type: ComponentType.Button,
  style: ButtonStyle.Link,
  label,
  url,
});

/** Buttons in rows of five, or fewer; no row at all where there are none. */
export function rowsOf(buttons: readonly APIComponentInMessageActionRow[], most = 5): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < buttons.length; at += most) {
    rows.push({ type: ComponentType.ActionRow, components: buttons.slice(at, at + most) });
  }
  return rows;
}
