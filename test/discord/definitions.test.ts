import { describe, expect, it } from 'vitest';
import { commandDefinitions, definitionHash } from '#discord/definitions.ts';
import { commandList } from '#sandbox/discord/command-body.ts';

type Option = {
  name: string;
  description: string;
  required?: boolean;
  options?: Option[];
  choices?: unknown;
  autocomplete?: boolean;
};

const everyOption = (options: readonly Option[]): Option[] =>
  options.flatMap((option) => [option, ...everyOption(option.options ?? [])]);

describe('the commands', () => {
  const definitions = commandDefinitions();

  it('are of a form that Discord takes', () => {
    expect(commandList.safeParse(definitions).error).toBeUndefined();
    for (const option of everyOption(definitions.filter(({ type }) => type === 1) as unknown as Option[])) {
      expect(option.name).toMatch(/^[a-z_-]{1,32}$/);
      expect(option.description.length).toBeLessThanOrEqual(100);
      expect(option.choices !== undefined && option.autocomplete === true).toBe(false);
    }
  });

  it('are for servers only', () => {
    for (const { contexts, integration_types: kinds } of definitions) {
      expect({ contexts, kinds }).toEqual({ contexts: [0], kinds: [0] });
    }
  });

  it('of messages are named as people read them, and say nothing more', () => {
    const menus = definitions.filter(({ type }) => type === 3);
    expect(menus.map(({ name }) => name)).toEqual(['Send to Jules']);
    for (const menu of menus) expect(menu).not.toHaveProperty('description');
  });

  it('name what people can ask', () => {
    const names = definitions.flatMap(({ name, ...rest }) => [
      name,
      ...('options' in rest ? (rest.options ?? []) : []).map((one) => `${name} ${one.name}`),
    ]);
    expect(names).toEqual([
      ...['jules', 'jules prompt', 'jules repo', 'jules branch', 'jules plan'],
      ...['tasks', 'tasks show', 'tasks status', 'tasks repo', 'task', 'task number', 'task view'],
      ...['can-i', 'can-i repo', 'can-i branch'],
      ...['limits', 'limits show', 'limits set', 'limits raise'],
      ...['config', 'config roles', 'config grant', 'config allow', 'config approval', 'config notices'],
      ...['config language', 'config me', 'config repo', 'config channel', 'config key', 'config add-key'],
      ...['config remove-key', 'config pause', 'Send to Jules'],
    ]);
  });

  it('have one hash as long as they are the same', () => {
    expect(definitionHash()).toBe(definitionHash());
    expect(definitionHash()).toMatch(/^[0-9a-f]{64}$/);
  });
});
