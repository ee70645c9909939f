import type { World } from './model-world.ts';

/** Numbers that were drawn for one command; what they mean depends on what is there by then. */
export type Draw = {
  readonly what: number;
  readonly who: number;
  readonly where: number;
  readonly which: number;
  readonly how: number;
  readonly much: number;
  readonly tick: number;
};
export type Answer = Readonly<Record<string, unknown>>;
/** A call of the bot, and what the model says that it answers; `heard` takes over what only the database can know. */
export type Step = {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly expected: Answer;
  readonly heard?: (answer: Answer) => void;
};
export type Command = (world: World, draw: Draw) => Step | null;

export function pick<One>(list: readonly One[], n: number): One {
  const found = list[n % list.length];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

/** Two Jules accounts, which both servers share. */
export const accountOf = ({ servers }: World, n: number) => `${servers[0]?.id}-${pick(['one', 'two'], n)}`;
