/** Facts about a channel (`channel:{id}`): a card came without its mention; cards were announced by one note. */
export const DISCORD_TOPICS = ['card.unannounced', 'card.announced'] as const;
