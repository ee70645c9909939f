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
}

export interface EmbedPart {
  title?: string;
  url?: string;
  description?: string;
  color?: number;
  fields?: { name: string; value: string; inline?: boolean }[];
  author?: { name: string; url?: string };
  footer?: { text: string };
  timestamp?: string;
  image?: { url: string };
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
  items?: { media: { url: string }; description?: string }[];
  file?: { url: string };
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
  reference?: string | { message_id?: string } | null;
  /** Account ids or names; only ephemeral messages carry it. */
  visible_to?: string | string[];
  /** Who was truly pinged; without it the text is looked at. */
  mentions?: (string | { id: string })[];
  mention_roles?: string[];
  edited_timestamp?: string | null;
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
  method: string;
  path: string;
  status: number;
  body?: unknown;
  /** Names in the body that Discord does not know. */
  unknown_keys?: string[];
  verdict?: { ok: boolean; errors: (string | { message?: string; path?: string })[] };
}

export interface SessionSeen {
  id?: string;
  name?: string;
  title?: string;
  state: string;
  url?: string;
}

export interface CommandOption {
  name: string;
  description?: string;
  type: number;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: string | number }[];
  max_length?: number;
  options?: CommandOption[];
}

export interface Command {
  name: string;
  description?: string;
  type?: number;
  options?: CommandOption[];
}

export interface SandboxState {
  accounts: Account[];
  guilds: Guild[];
  channels: Channel[];
  messages: Message[];
  requests: RequestSeen[];
  sessions: SessionSeen[];
  commands?: Command[];
}

/** What a driver route answers to a command, a press or a modal. */
export interface Answer {
  reply?: Message;
  modal?: Modal;
  error?: string;
}

export type Child = Node | string | number | null | undefined | false;
