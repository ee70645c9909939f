/** Facts about the keys of servers and people (`key:{id}`), and about servers (`guild:{id}`, or `guild:every`). */
export const GUILD_TOPICS = ['key.added', 'guild.paused', 'guild.resumed', 'guild.left', 'guild.returned'] as const;
