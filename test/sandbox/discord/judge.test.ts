import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as spec from 'discord-api-spec/zod';
import { describe, expect, it } from 'vitest';
import { createJudge, RULES } from '#sandbox/discord/judge/judge.ts';
import { OPERATIONS } from '#sandbox/discord/judge/operations.ts';
import type { Rules, Sent } from '#sandbox/discord/judge/rule.ts';
import { BAD } from './bad-bodies.ts';
import { aMessage, callback, edit, long, post, text, upload, V2, withButton } from './bodies.ts';

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

/** No rule has found it: the sandbox itself cannot read it. */
const isOnlyUnread = ({ code }: { readonly code: string }) => code === 'SANDBOX_NOT_SIMULATED';

/** As it comes out of a request: without what JSON does not have. */
const parsed = (sent: Sent): Sent => ({ ...sent, body: JSON.parse(JSON.stringify(sent.body)) });
const title = ({ rule, what }: { rule: string; what: string }) => `${rule}: ${what}`;

const withFile = (filename: string) =>
  aMessage({
    attachments: [{ id: '7', filename, size: 1, url: 'https://a.example/7', proxy_url: 'https://a.example/7' }],
  });

describe('the judge', () => {
  it.each(BAD.map((bad) => [title(bad), bad] as const))('refuses %s', (_, { sent, path }) => {
    expect(judge(parsed(sent)).map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  it('has a bad body for each of its rules', () => {
    expect(new Set(BAD.map(({ rule }) => rule))).toEqual(new Set(names));
  });

  it.each(names)('needs %s: without it exactly its bad bodies pass', (name) => {
    const loosened = without(name);
    const passed = BAD.filter(({ sent }) => loosened(parsed(sent)).every(isOnlyUnread));
    expect(passed.map(title)).toEqual(BAD.filter(({ rule }) => rule === name).map(title));
  });

  it('says that it is stricter than Discord where it is', () => {
    const [issue] = judge({ method: 'POST', route: '/channels/:channel/messages', body: { allowedMentions: {} } });
    expect(issue?.message).toContain('ignore it in silence; the sandbox is stricter on purpose');
  });

  it.each([
    ['a nonce beyond what a number holds', { content: long(2500), nonce: 2 ** 60 }, 'nonce'],
    ['an upload of such a number', { content: long(2500), attachments: [{ id: 2 ** 60 }] }, 'attachments.0.id'],
    ['a footer of nothing', { content: long(2500), embeds: [{ footer: {} }] }, 'embeds.0.footer.text'],
    ['an author of nothing', { content: long(2500), embeds: [{ author: {} }] }, 'embeds.0.author.name'],
    ['a picture of nothing', { content: long(2500), embeds: [{ image: {} }] }, 'embeds.0.image.url'],
  ])('refuses what it cannot read, though the document allows it: %s', (_, body, path) => {
    expect(judge(post(body)).map(({ code, path: at }) => [code, at.join('.')])).toEqual([
      ['SANDBOX_NOT_SIMULATED', path],
    ]);
  });

  it('refuses what it cannot read of an answer too, at its place', () => {
    const [issue] = judge(callback(4, { content: 'x', embeds: [{ footer: {} }] }));
    expect(issue).toMatchObject({ code: 'SANDBOX_NOT_SIMULATED', path: ['data', 'embeds', 0, 'footer', 'text'] });
  });

  it.each([
    ['2000 emoji', post({ content: '🦀'.repeat(2000) })],
    ['a title of 256', post({ embeds: [{ title: '🦀'.repeat(256), description: '🦀'.repeat(4096) }] })],
    ['6000 in all embeds', post({ embeds: [3000, 3000].map((count) => ({ description: '🦀'.repeat(count) })) })],
    ['4000 in components', post({ flags: V2, components: [text('🦀'.repeat(4000))] })],
    ['a label of 80', withButton({ label: '🦀'.repeat(80) })],
    ['a choice of 100', callback(8, { choices: [{ name: 'n', value: '🦀'.repeat(100) }] })],
  ])('counts code points, as Discord does: %s', (_, sent) => {
    expect(judge(parsed(sent))).toEqual([]);
  });

  it.each([
    ['in an embed', post({ embeds: [{ image: { url: 'attachment://x.png' } }] }, [upload('x.png')])],
    [
      'by the name that it was given',
      post({ embeds: [{ image: { url: 'attachment://x.png' } }], attachments: [{ id: 0, filename: 'x.png' }] }, [
        upload('file.bin'),
      ]),
    ],
    [
      'that an edit keeps',
      edit({ embeds: [{ image: { url: 'attachment://x.png' } }], attachments: [{ id: '7' }] }, withFile('x.png')),
    ],
    ['in components', post({ flags: V2, components: [{ type: 13, file: { url: 'attachment://x' } }] }, [upload('x')])],
  ])('takes an upload that is there: %s', (_, sent) => {
    expect(judge(parsed(sent))).toEqual([]);
  });

  it('takes what discord.js adds to an answer that comes later', () => {
    expect(judge(callback(5, { flags: 64, tts: false }))).toEqual([]);
    expect(judge(callback(6, {}))).toEqual([]);
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
