// What the page reads from the driver routes. Message parts keep the names of Discord API v10; every part of a
// message is optional here because the page shows what it knows and leaves out the rest.

export interface Person {
  id: string;
  name: string;
  bot?: boolean;
}

export interface Account extends Person {
  /** Ids of the roles that the account holds. */
  roles?: string[];
  /** The language of the account's Discord. */
  locale?: string;
}

interface Role {
  id: string;
  name: string;
  color?: number;
}

interface Guild {
  id: string;
  name: string;
  roles?: Role[];
}

export interface Channel {
  id: string;
  name: string;
  type: number;
  parent_id?: string | null;
  /** Who takes part in a direct message. */
  recipients?: (string | { id: string })[];
  archived?: boolean;
  locked?: boolean;
  topic?: string | null;
}

export interface EmbedPart {
  title?: string;
  url?: string;
  description?: string;
  color?: number;
  fields?: { name: string; value: string; inline?: boolean }[];
  author?: { name: string; url?: string };
  footer?: { text: string };
  timestamp?: string | null;
  image?: { url: string; description?: string };
  thumbnail?: { url: string; description?: string };
}

interface Emoji {
  id?: string | null;
  name?: string | null;
}

export interface SelectOption {
  label: string;
  value: string;
  description?: string;
  emoji?: Emoji;
  default?: boolean;
}

/** Any Discord component; `type` says which of the fields are meant. */
export interface Component {
  type: number;
  custom_id?: string;
  components?: Component[];
  component?: Component;
  accessory?: Component;
  style?: number;
  label?: string;
  description?: string;
  emoji?: Emoji;
  url?: string;
  disabled?: boolean;
  placeholder?: string;
  /** A checkbox that is ticked from the start. */
  default?: boolean;
  options?: SelectOption[];
  default_values?: { id: string; type?: string }[];
  channel_types?: number[];
  min_values?: number;
  max_values?: number;
  content?: string;
  value?: string;
  required?: boolean;
  min_length?: number;
  max_length?: number;
  accent_color?: number | null;
  spoiler?: boolean;
  divider?: boolean;
  spacing?: number;
  media?: { url: string };
  items?: { media: { url: string }; description?: string; spoiler?: boolean }[];
  file?: { url: string };
  /** Of a file, where Discord says them. */
  name?: string;
  size?: number;
}

export interface Attachment {
  id: string;
  filename: string;
  size?: number;
  url?: string;
  content_type?: string;
  description?: string;
}

export interface Message {
  id: string;
  channel_id: string;
  author: Person;
  content: string;
  embeds: EmbedPart[];
  components: Component[];
  flags: number;
  attachments: Attachment[];
  reference?: string | { message_id?: string; channel_id?: string } | null;
  /** Account ids or names; only ephemeral messages carry it. */
  visible_to?: string | string[];
  /** Who was truly pinged; without it the text is looked at. */
  mentions?: (string | { id: string })[];
  mention_roles?: string[];
  mention_everyone?: boolean;
  edited_timestamp?: string | null;
  /** 6 a pin, 18 a thread made, 19 a reply, 20 the answer to a command, 21 what a thread began with. */
  type?: number;
  reactions?: { emoji: Emoji; count: number; users?: string[] }[];
  /** Whose command the message answers; Discord's own shape. */
  interaction_metadata?: { name?: string; user: { id: string; username?: string } };
}

export interface Modal {
  custom_id: string;
  title: string;
  components: Component[];
  message?: string;
}

export interface RequestSeen {
  id?: number;
  /** ISO instant. */
  at?: string;
  tookMs?: number;
  method: string;
  path: string;
  status: number;
  body?: unknown;
  verdict?: { ok: boolean; errors: (string | { message?: string; path?: string })[] };
}

export interface InteractionSeen {
  id: string;
  /** 2 command, 3 component, 4 autocomplete, 5 modal. */
  type: number;
  as: string;
  about: string;
  state: string;
  channel_id?: string;
}

/** Something that is armed or broken now; `left` says how often it will still happen. */
export interface FaultSeen {
  fault: string;
  says: string;
  left?: number;
}

export interface SessionSeen {
  id: string;
  title?: string;
  prompt?: string;
  state: string;
  source?: string | null;
  approved?: boolean;
  archived?: boolean;
  createdAt?: string;
  pullRequest?: string | null;
  messages?: { from: string; text: string }[];
}

/** By locale, where it is not English. */
type Localized = Record<string, string> | null;

export interface CommandOption {
  name: string;
  description?: string;
  description_localizations?: Localized;
  type: number;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: string | number; name_localizations?: Localized }[];
  min_length?: number;
  max_length?: number;
  min_value?: number;
  max_value?: number;
  channel_types?: number[];
  options?: CommandOption[];
}

export interface Command {
  name: string;
  name_localizations?: Localized;
  description?: string;
  description_localizations?: Localized;
  type?: number;
  options?: CommandOption[];
}

export interface SandboxState {
  accounts: Account[];
  guilds: Guild[];
  channels: Channel[];
  messages: Message[];
  requests: RequestSeen[];
  /** What the judge refused since the start, more than `requests` remembers. */
  refused?: { count: number; first: RequestSeen[] };
  interactions?: InteractionSeen[];
  sessions: SessionSeen[];
  faults?: FaultSeen[];
  bot?: { http?: string };
  commands?: Command[];
}

/** What the simulated Jules can be told to do, each with a line for people. */
export interface JulesOffers {
  scenarios: { name: string; does: string }[];
  pushes: { name: string; does: string }[];
  settings: { name: string; does: string; value: boolean | number | string }[];
}

/** What a driver route answers to a command, a press or a modal. */
export interface Answer {
  reply?: Message;
  modal?: Modal;
  error?: string;
}

export type Child = Node | string | number | null | undefined | false;
