import type { Locale } from 'discord-api-types/v10';
import type { z } from 'zod';
import type { commandBody, commandOption } from './command-body.ts';
import type { componentBody, embedBody } from './message-body.ts';

/** What the sandbox keeps, in the shape in which Discord sends it, so that serving it is copying it. */
export type User = {
  readonly id: string;
  readonly username: string;
  readonly global_name: string | null;
  readonly discriminator: string;
  readonly avatar: string | null;
  readonly bot: boolean;
  readonly public_flags: number;
};

export type Role = {
  readonly id: string;
  readonly name: string;
  readonly color: number;
  readonly hoist: boolean;
  readonly position: number;
  readonly permissions: string;
  readonly managed: boolean;
  readonly mentionable: boolean;
  readonly flags: number;
};

export type Member = {
  readonly user: User;
  roles: string[];
  readonly nick: string | null;
  readonly joined_at: string;
};

export type Guild = {
  readonly id: string;
  readonly name: string;
  readonly owner_id: string;
  readonly preferred_locale: Locale;
  readonly roles: Role[];
  readonly members: Map<string, Member>;
};

/** `type` 0 is a role, 1 a member. */
export type Overwrite = { readonly id: string; readonly type: number; readonly allow: string; readonly deny: string };

export const CHANNEL = { TEXT: 0, DM: 1, PUBLIC_THREAD: 11, PRIVATE_THREAD: 12 } as const;

export type ThreadFacts = {
  archived: boolean;
  locked: boolean;
  auto_archive_duration: number;
  archive_timestamp: string;
};

export type Channel = {
  readonly id: string;
  readonly type: number;
  name: string;
  readonly guild_id?: string;
  readonly parent_id?: string;
  readonly owner_id?: string;
  readonly recipients?: readonly User[];
  readonly position?: number;
  topic?: string | null;
  permission_overwrites?: Overwrite[];
  thread_metadata?: ThreadFacts;
  last_message_id: string | null;
  message_count?: number;
};

export type Component = z.infer<typeof componentBody>;
type Embed = z.infer<typeof embedBody>;

export type Attachment = {
  readonly id: string;
  readonly filename: string;
  readonly size: number;
  readonly url: string;
  readonly proxy_url: string;
  readonly content_type?: string;
  readonly description?: string;
};

type Reaction = {
  readonly emoji: { readonly id: string | null; readonly name: string };
  readonly users: Set<string>;
};

export type Message = {
  readonly id: string;
  readonly channel_id: string;
  readonly guild_id?: string;
  readonly author: User;
  timestamp: string;
  readonly type: number;
  content: string;
  edited_timestamp: string | null;
  flags: number;
  /** Who was truly pinged by the last create or edit. */
  mentions: readonly User[];
  mention_roles: readonly string[];
  mention_everyone: boolean;
  attachments: readonly Attachment[];
  embeds: readonly Embed[];
  components: readonly Component[];
  readonly nonce?: string | number;
  readonly webhook_id?: string;
  readonly application_id?: string;
  readonly message_reference?: { readonly message_id: string; readonly channel_id: string; readonly guild_id?: string };
  readonly interaction_metadata?: Readonly<Record<string, unknown>>;
  readonly reactions: Reaction[];
  /** The only account that sees an ephemeral message; Discord never tells the gateway about it. */
  readonly visible_to?: string;
};

export const FLAG = { EPHEMERAL: 1 << 6, LOADING: 1 << 7, COMPONENTS_V2: 1 << 15 } as const;

export type CommandOption = z.infer<typeof commandOption>;

export type Command = z.infer<typeof commandBody> & {
  readonly id: string;
  readonly application_id: string;
  readonly guild_id?: string;
  readonly version: string;
};

/** PING and the four that people cause. */
export const INTERACTION = { COMMAND: 2, COMPONENT: 3, AUTOCOMPLETE: 4, MODAL: 5 } as const;

/** The ways in which an interaction is answered. */
export const CALLBACK = {
  PONG: 1,
  MESSAGE: 4,
  DEFERRED_MESSAGE: 5,
  DEFERRED_UPDATE: 6,
  UPDATE: 7,
  CHOICES: 8,
  MODAL: 9,
} as const;

export type Choice = { readonly name: string; readonly value: string | number };

/**
 * The life of an interaction. It is made `waiting`. A callback within three seconds makes it `answered` (`deferred`
 * when the real answer comes later, by the webhook), otherwise it is `failed` and its callback is unknown. Its token
 * lives for fifteen minutes after it was made, whatever happened.
 */
export type Interaction = {
  readonly id: string;
  readonly token: string;
  readonly type: number;
  readonly user: User;
  readonly channelId: string;
  readonly about: string;
  createdAt: number;
  /** The message whose component was pressed, or from whose component the modal was opened. */
  readonly messageId?: string;
  state: 'waiting' | 'answered' | 'deferred' | 'failed';
  expiresAt: number;
  callbackType?: number;
  originalId?: string;
  choices?: readonly Choice[];
  modalId?: string;
};

export type OpenModal = {
  readonly id: string;
  readonly userId: string;
  readonly channelId: string;
  readonly messageId?: string;
  readonly custom_id: string;
  readonly title: string;
  readonly components: readonly Component[];
};

export type RequestRecord = {
  readonly id: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly tookMs: number;
  readonly body?: unknown;
  readonly verdict?: { readonly ok: boolean; readonly errors: readonly string[] };
};
