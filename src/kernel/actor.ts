/**
 * Who asks, as the door that heard them verified it. A door makes it (from a signed Discord payload, a JWT or a
 * token); SQL functions receive it as `jsonb` and trust it, so they are granted to the bot alone.
 */
export type Actor = {
  /** Discord user id. */
  readonly id: string;
  readonly name: string;
  /** Discord guild id; null in a direct message, where nothing of a guild may be asked. */
  readonly guild: string | null;
  readonly guild_name: string | null;
  /** What the guild speaks by its own setting at Discord, where the door was told; taken when its row is made. */
  readonly guild_language?: string;
  /** Where they asked: a channel or thread, and the thread's channel. */
  readonly channel: string | null;
  readonly parent_channel: string | null;
  /** Discord role ids, from the payload. */
  readonly roles: readonly string[];
  /** Holds Manage Server or Administrator, or owns the guild; null where the door cannot know, which permits nothing. */
  readonly admin: boolean | null;
  readonly door: 'gateway' | 'http' | 'operator';
  /** What they used: `/jules`, `button confirm`. For the audit. */
  readonly command: string;
  /** A uuid that ties log lines, audit entries and events of one request together. */
  readonly correlation: string;
};
