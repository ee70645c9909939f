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
  /** Discord role ids, from the payload. */
  readonly roles: readonly string[];
  /** Holds Manage Server or Administrator, or owns the guild. */
  readonly admin: boolean;
  readonly door: 'gateway' | 'http' | 'operator';
};
