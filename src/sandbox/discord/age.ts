import { emit, type World } from './world.ts';

const earlier = (instant: string, ms: number): string => new Date(Date.parse(instant) - ms).toISOString();

/**
 * Makes everything that is there so much older. Only the ids keep their time: bots remember them. Interactions and
 * nonces age as well, so their tokens and the few minutes of a nonce run out.
 */
export function age(world: World, ms: number): void {
  for (const message of world.messages.values()) {
    message.timestamp = earlier(message.timestamp, ms);
    if (message.edited_timestamp !== null) message.edited_timestamp = earlier(message.edited_timestamp, ms);
  }
  for (const interaction of world.interactions.values()) {
    interaction.createdAt -= ms;
    interaction.expiresAt -= ms;
  }
  for (const nonce of world.nonces.values()) nonce.at -= ms;
  emit(world, 'SANDBOX_AGED', { ms }, 'page');
}
