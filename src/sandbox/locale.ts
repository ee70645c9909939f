import { Locale } from 'discord-api-types/v10';
import { z } from 'zod';
import { accountNamed } from '#sandbox/discord/people.ts';
import { emit, type World } from '#sandbox/discord/world.ts';

export const localeInput = z.strictObject({ as: z.string().min(1), locale: z.enum(Locale) });

/** In which language a person has their Discord; it tells the bot with each interaction. */
export function chooseLocale(world: World, { as, locale }: z.infer<typeof localeInput>): void {
  const { id } = accountNamed(world, as);
  world.locales.set(id, locale);
  emit(world, 'SANDBOX_LOCALE', { id, locale }, 'page');
}
