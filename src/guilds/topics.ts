/** Facts about the keys of servers and people (`key:{id}`). */
export const GUILD_TOPICS = ['key.added'] as const;
