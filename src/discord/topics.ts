/**
 * Facts about a channel (`channel:{id}`): a card came without its mention; cards were announced by one note. And about any
 * subject: what was to be shown in a server that the bot was removed from may be shown again.
 */
export const DISCORD_TOPICS = ['card.unannounced', 'card.announced', 'card.returned'] as const;
