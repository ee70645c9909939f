import { type APIButtonComponent, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { words } from '#discord/words/words.ts';

/** A button of a panel that only its reader sees. */
export const grey = (label: string, customId: string): APIButtonComponent => ({
  type: ComponentType.Button,
  style: ButtonStyle.Secondary,
  label,
  custom_id: customId,
});

const NOBODY = '000000000000000000';

/** Somebody by name; who was forgotten has none any more. */
export const person = (id: string) => (id === NOBODY ? words().tasks.forgotten : `<@${id}>`);

/** For the eye: day and time, in the reader's own zone. */
export const when = (instant: Date) => `<t:${Math.floor(instant.getTime() / 1000)}:f>`;

/** The word for a key, where there is one: tables of words know what this release writes, rows may be older. */
export const wordFor = <Word>(table: Readonly<Record<string, Word>>, key: string): Word | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
