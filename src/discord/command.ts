import { z } from 'zod';
import type { KeyDeps } from '#guilds/add-key.ts';
import type { Actor } from '#kernel/actor.ts';
import { Refusal } from '#kernel/errors.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { countSecrets } from '#kernel/scrub.ts';
import type { Reply } from './reply.ts';
import type { SaidMessage } from './said-message.ts';
import { words } from './words/words.ts';

/** What a handler may use. Its database calls are cancelled when the time to answer is over. */
export type Context = {
  readonly rpc: Rpc;
  readonly keys: KeyDeps;
  readonly actor: Actor;
  readonly interactionId: string;
  /** What the bot may do in this channel. */
  readonly appPermissions: bigint;
  readonly isThread: boolean;
};

export type Typing = { readonly typed: string; readonly others: Readonly<Record<string, unknown>> };

type Described = { readonly description: string; readonly required?: true };
export type OptionSpec = Described &
  (
    | {
        readonly kind: 'string';
        readonly maxLength?: number;
        readonly choices?: readonly string[];
        /** Written for Jules, who gets it as it is. */
        readonly isProse?: true;
        readonly suggest?: (context: Context, typing: Typing) => Promise<readonly string[]>;
      }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'integer'; readonly min: number; readonly max: number }
    /** Discord ids. */
    | { readonly kind: 'channel' }
    | { readonly kind: 'role' }
    | { readonly kind: 'user' }
  );
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type ValueOf<Spec> = Spec extends { kind: 'boolean' }
  ? boolean
  : Spec extends { kind: 'integer' }
    ? number
    : Spec extends { choices: readonly (infer Choice)[] }
      ? Choice
      : string;
/** The arguments that follow from a command's options. */
type Given<Specs extends OptionSpecs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends { required: true }
    ? ValueOf<Specs[Name]>
    : ValueOf<Specs[Name]> | undefined;
};

type Definition<Specs extends OptionSpecs> = {
  readonly name: string;
  readonly description: string;
  /** What it does, as permission, audit and log name it. */
  readonly operation: string;
  readonly options: Specs;
  readonly run: (context: Context, given: Given<Specs>) => Promise<Reply>;
};

/** A command or subcommand as the handler and the registration see it: its options not yet decoded. */
export type Command = Omit<Definition<OptionSpecs>, 'run'> & {
  readonly run: (context: Context, raw: Readonly<Record<string, unknown>>) => Promise<Reply>;
};
/** In the menu of a message, which Discord sends along. */
export type MessageCommand = {
  readonly name: string;
  /** Discord shows none; documents do. */
  readonly description: string;
  readonly operation: string;
  readonly run: (context: Context, message: SaidMessage) => Promise<Reply>;
};
export type CommandGroup = {
  readonly name: string;
  readonly description: string;
  readonly subcommands: readonly Command[];
};

function schemaOfValue(spec: OptionSpec): z.ZodType {
  if (spec.kind === 'boolean') return z.boolean();
  if (spec.kind === 'integer') return z.int().min(spec.min).max(spec.max);
  return spec.kind === 'string' && spec.choices ? z.enum(spec.choices) : z.string();
}

function schemaOf(spec: OptionSpec): z.ZodType {
  const value = schemaOfValue(spec);
  return spec.required ? value : value.optional();
}

/** The audit keeps for ever what was typed in an option; a key in the wrong place must not come that far. */
function holdsSecret(specs: OptionSpecs, given: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(specs).some(([name, spec]) => {
    const typed = given[name];
    return spec.kind === 'string' && !spec.isProse && typeof typed === 'string' && countSecrets(typed) > 0;
  });
}

/** A command is data and a function that returns a reply; what its arguments are follows from its options. */
export function defineCommand<const Specs extends OptionSpecs>(definition: Definition<Specs>): Command {
  const schema = z.object(
    Object.fromEntries(Object.entries(definition.options).map(([name, spec]) => [name, schemaOf(spec)])),
  );
  return {
    ...definition,
    run: async (context, raw) => {
      const read = schema.safeParse(raw);
      // Clients keep old definitions for a while after a deploy.
      if (!read.success) {
        throw new Refusal('outdated_command', words().door.outdatedCommand);
      }
      if (holdsSecret(definition.options, raw)) {
        throw new Refusal('secret_in_option', words().door.secretInOption);
      }
      return definition.run(context, read.data as Given<Specs>);
    },
  };
}
