import { expect, test } from 'vitest';
import { commandDefinitions } from '#discord/definitions.ts';
import { registerCommands } from '#discord/register-commands.ts';
import { commands } from '#discord/words/de/commands.ts';
import { makeLog } from '#kernel/log.ts';

type Named = {
  readonly name: string;
  readonly name_localizations?: Locales;
  readonly description?: string;
  readonly description_localizations?: Locales;
  readonly options?: readonly Named[];
  readonly choices?: readonly {
    readonly name: string;
    readonly value: string;
    readonly name_localizations?: Locales;
  }[];
};
type Locales = { readonly de?: string | null } | null;
type Said = { readonly key: string; readonly english: string; readonly german: string | null | undefined };

/** Everything that Discord shows of a command, with what it shows of it in German. */
function saidOf(one: Named, key = one.name): Said[] {
  const { name, description, choices = [], options = [] } = one;
  const own: Said = description
    ? { key, english: description, german: one.description_localizations?.de }
    : { key, english: name, german: one.name_localizations?.de };
  return [
    own,
    ...choices.map(({ value, name, name_localizations: locales }) => ({
      key: `${key}=${value}`,
      english: name,
      german: locales?.de,
    })),
    ...options.flatMap((option) => saidOf(option, `${key} ${option.name}`)),
  ];
}

const definitions = commandDefinitions() as unknown as readonly Named[];
const said = definitions.flatMap((one) => saidOf(one));

test('every command, subcommand, option and choice is described in German, and nothing else is', () => {
  expect(said.filter(({ german }) => !german).map(({ key }) => key)).toEqual([]);
  expect(Object.keys(commands).sort()).toEqual(said.map(({ key }) => key).sort());
});

test('no description is longer in German than Discord takes', () => {
  expect(said.filter(({ german }) => (german ?? '').length > 100).map(({ key }) => key)).toEqual([]);
});

test('a choice that is one word in English begins with it in German, since sentences name it', () => {
  const choices = said.filter(({ key, english }) => key.includes('=') && !english.includes(' '));
  const others = choices.filter(({ german, english }) => german !== english && !german?.startsWith(`${english}: `));
  expect(others.map(({ key }) => key).filter((key) => !key.startsWith('tasks status='))).toEqual([]);
});

test('a description that is said in another way in German is registered anew, an equal one is not', async () => {
  const log = makeLog({ level: 'silent', secrets: [] });
  let registered: readonly object[] = structuredClone(definitions);
  const client = {
    readApplication: async () => ({ id: '1' }),
    readCommands: async () => structuredClone(registered) as never,
    putCommands: async (_: string, all: readonly object[]) => {
      registered = structuredClone(all);
    },
  };
  const register = () => registerCommands({ client, commands: commandDefinitions(), log });
  expect(await register()).toBe('unchanged');
  const [first] = registered as [{ description_localizations: Locales }];
  first.description_localizations = { de: 'Etwas anderes' };
  expect(await register()).toBe('registered');
  expect(await register()).toBe('unchanged');
});
