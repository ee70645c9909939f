import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as spec from 'discord-api-spec/zod';
import { describe, expect, it } from 'vitest';
import { createJudge, RULES } from '#sandbox/discord/judge/judge.ts';
import { OPERATIONS } from '#sandbox/discord/judge/operations.ts';
import type { Rules, Sent } from '#sandbox/discord/judge/rule.ts';
import { BAD } from './bad-bodies.ts';

const judge = createJudge();

type Named = { readonly name: string };
const groups = Object.entries(RULES) as [keyof Rules, readonly Named[]][];
const names = groups.flatMap(([, rules]) => rules.map(({ name }) => name));

/** The judge with one rule left out. */
const without = (rule: string) =>
  createJudge(
    Object.fromEntries(
      groups.map(([group, rules]) => [group, rules.filter(({ name }) => name !== rule)]),
    ) as unknown as Rules,
  );

/** As it comes out of a request: without what JSON does not have. */
const parsed = (sent: Sent): Sent => ({ ...sent, body: JSON.parse(JSON.stringify(sent.body)) });
const title = ({ rule, what }: { rule: string; what: string }) => `${rule}: ${what}`;

describe('the judge', () => {
  it.each(BAD.map((bad) => [title(bad), bad] as const))('refuses %s', (_, { sent, path }) => {
    expect(judge(parsed(sent)).map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  it('has a bad body for each of its rules', () => {
    expect(new Set(BAD.map(({ rule }) => rule))).toEqual(new Set(names));
  });

  it.each(names)('needs %s: without it exactly its bad bodies pass', (name) => {
    const loosened = without(name);
    const passed = BAD.filter(({ sent }) => loosened(parsed(sent)).length === 0);
    expect(passed.map(title)).toEqual(BAD.filter(({ rule }) => rule === name).map(title));
  });

  it('says that it is stricter than Discord where it is', () => {
    const [issue] = judge({ method: 'POST', route: '/channels/:channel/messages', body: { allowedMentions: {} } });
    expect(issue?.message).toContain('ignore it in silence; the sandbox is stricter on purpose');
  });

  it('takes no body where it knows none', () => {
    const route = '/channels/:channel/pins/:message';
    expect(judge({ method: 'PUT', route, body: { reason: 'x' } })).toHaveLength(1);
    expect(judge({ method: 'PUT', route, body: undefined })).toEqual([]);
  });

  it('holds every operation against the schemas that Discord’s own document names', async () => {
    const source = await readFile(
      fileURLToPath(import.meta.resolve('discord-api-spec')).replace(/\.js$/, '.ts'),
      'utf8',
    );
    for (const [name, { schemas }] of Object.entries(OPERATIONS)) {
      expect(schemas.map(nameOf).toSorted(), name).toEqual(bodiesOf(source, name));
    }
  });
});

/** A list is named by what it lists. */
function nameOf(schema: object): string {
  const { element: one = schema } = (schema as { def: { element?: object } }).def;
  return Object.entries(spec).find(([, known]) => known === one)?.[0] ?? 'unknown';
}

/** The types of an operation's body, as the package's types for paths say. */
function bodiesOf(source: string, operation: string): string[] {
  const [method = '', path = ''] = operation.split(' ');
  const inPath = source.split(`\n  "${path}": {\n`)[1]?.split('\n  };\n')[0] ?? '';
  const inMethod = inPath.split(`    ${method.toLowerCase()}: {\n`)[1] ?? '';
  const types = /requestBody\?:([^;]*);/.exec(inMethod)?.[1] ?? '';
  return [...types.matchAll(/[A-Z]\w+/g)].map(([type]) => `${type}Schema`).toSorted();
}
