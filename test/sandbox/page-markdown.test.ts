import { parse as read } from 'discord-markdown-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

type Node = {
  readonly type: string;
  readonly text?: string;
  readonly children?: readonly Node[];
  readonly items?: readonly (readonly Node[])[];
  readonly url?: string;
  readonly id?: string;
  readonly level?: number;
  readonly language?: string;
  readonly style?: string;
};
type Oracle = ReturnType<typeof read>;

// The page's own module is JavaScript, which the tests' compiler does not read.
const module = new URL('../../src/sandbox/page/markdown-parse.js', import.meta.url).href;
const { parse } = (await import(module)) as { parse: (text: string) => Node[] };

/** Both trees as one notation: `strong(a em(b))`, neighbouring text joined. */
const joined = (parts: readonly string[]) => parts.join('').replaceAll('»«', '');
const words = (text: string) => (text === '' ? '' : `«${text}»`);

/** Italics within italics look the same; the oracle leaves them out. */
function ours(nodes: readonly Node[], inEm = false): string {
  return joined(
    nodes.map((node) => {
      const inside = ours(node.children ?? [], inEm || node.type === 'em');
      if (node.type === 'em' && inEm) return inside;
      if (node.type === 'text') return words(node.text ?? '');
      if (node.type === 'code') return `code(${node.text})`;
      if (node.type === 'block') return `block:${node.language}(${node.text})`;
      if (node.type === 'heading') return `heading${node.level}(${inside})`;
      if (node.type === 'link') return `link:${node.url}(${inside})`;
      if (node.type === 'list') return `list(${(node.items ?? []).map((item) => ours(item)).join('|')})`;
      return `${node.type}${node.id ? `:${node.id}` : ''}${node.style ? `:${node.style}` : ''}(${inside})`;
    }),
  );
}

const NAMES: Readonly<Record<string, string>> = {
  underline: 'under',
  strikethrough: 'strike',
  subtext: 'small',
  blockQuote: 'quote',
  user: 'person',
  slashCommand: 'command',
};

function theirs(nodes: Oracle): string {
  return joined(
    nodes.map((node) => {
      const inside = Array.isArray(node.content) ? theirs(node.content) : '';
      const text = typeof node.content === 'string' ? node.content : '';
      if (node.type === 'text') return words(text);
      if (node.type === 'br' || node.type === 'newline') return words('\n');
      if (node.type === 'twemoji') return words(node.name);
      if (node.type === 'inlineCode') return `code(${text})`;
      if (node.type === 'codeBlock') return `block:${node.lang}(${text})`;
      if (node.type === 'heading') return `heading${node.level}(${inside})`;
      if (['link', 'url', 'autolink'].includes(node.type)) return `link:${node.target}(${inside})`;
      if (node.type === 'timestamp') return `time:${node.timestamp}:${node.format ?? 'f'}()`;
      if (node.type === 'everyone' || node.type === 'here') return `everybody:${node.type}()`;
      if (node.type === 'emoji') return `custom:${node.name}()`;
      if (node.type === 'slashCommand') return `command:${node.fullName}()`;
      return `${NAMES[node.type] ?? node.type}${node.id ? `:${node.id}` : ''}(${inside})`;
    }),
  );
}

/** The oracle keeps the break that ends a quote; Discord does not show it. */
const settled = (tree: string) => tree.replaceAll('\n»)', '»)').replaceAll('«»', '');
const both = (text: string) => [settled(ours(parse(text))), settled(theirs(read(text, 'extended')))] as const;

const ID = '1190000000000000041';
const CORPUS = [
  'plain text, nothing else',
  '**bold** and *italic* and _italic_ and __underline__ and ~~strike~~',
  '***both*** **bold *within* it** *italic **within** it* __**under and bold**__',
  '**a *b** c*',
  '**a __b** c__',
  '****',
  '** a **',
  'x * a * b *c*',
  '_a_b_ snake_case_name __init__ _x_',
  '||secret|| ||**bold secret**|| || ||| ||',
  '`code` ``a ` b`` `**not bold**` `',
  '``` ` ```',
  '```\nplain block\n```',
  '```ts\nconst a = 1;\n```\nafter',
  'before ```js\nlet x\n``` after',
  '```diff\n- old\n+ new\n```',
  '```unclosed\ntext',
  '**```in bold```**',
  '# One\n## Two\n### Three\n#### four',
  'not # a heading\n#nor this',
  '-# small\n-# *smaller*',
  'text -# not small',
  '> quoted **bold**\nnot quoted',
  '> one\n> two\n> three',
  'text > not quoted',
  '>not quoted',
  '>>> all\nthat\nfollows',
  'first\n>>> second\nthird',
  'https://example.com/a_b_c and https://example.com/x*y*z',
  '<https://example.com/a> (https://example.com/b), https://example.com/c.',
  '**https://example.com/bold**',
  '[the PR](https://github.com/a/b/pull/1) [**bold**](https://example.com)',
  '[not a link] (https://example.com)',
  `<@${ID}> <@!${ID}> <@&${ID}> <#${ID}> </jules:${ID}> </config roles:${ID}>`,
  `<:party:${ID}> <a:dance:${ID}>`,
  '<t:1700000000> <t:1700000000:R> <t:-1:F> <t:x:R>',
  '@everyone @here @nobody',
  '\\*not italic\\* \\_ \\` \\\\ \\a \\1',
  '**unclosed *and* __this',
  '¯\\_(ツ)_/¯',
  '<img src=x onerror="alert(1)"> <script>alert(1)</script>',
  'a\n\nb\n\n\nc',
  '||```\nspoiled\n```||',
  '> ```\n> code\n> ```',
  '✅ **done** 🛠 ❌',
];

describe("the page's reading of Discord's Markdown", () => {
  it.each(CORPUS)('agrees with another reader: %j', (text) => {
    const [mine, other] = both(text);
    expect(mine).toBe(other);
  });

  it('agrees with the other reader on mixtures that nobody thought of', () => {
    const pieces = [
      '*',
      '**',
      '_',
      '__',
      '~~',
      '||',
      '`',
      'a',
      'b c',
      ' ',
      '\\',
      '[x](https://e.org)',
      'https://e.org/',
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((all) => `x${all.join('')}`);
    fc.assert(
      fc.property(text, (one) => {
        const [mine, other] = both(one);
        expect(mine).toBe(other);
      }),
      { numRuns: 3_000, seed: 20_261_120 },
    );
  });

  it('loses no character of a text without marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bare = text.replace(/[^\p{L}\p{N} ]/gu, '');
        expect(ours(parse(bare))).toBe(words(bare));
      }),
      { numRuns: 500 },
    );
  });

  it('lists are nested by their indentation and split where their marks change', () => {
    expect(ours(parse('- a\n  - b\n    1. c\n- **d**'))).toBe('list(«a»list(«b»list(«c»))|strong(«d»))');
    expect(ours(parse('- a\n1. b'))).toBe('list(«a»)list(«b»)');
    expect(ours(parse('text - a'))).toBe('«text - a»');
  });

  it('a link whose label pretends to be another address stays text', () => {
    expect(ours(parse('[https://good.example](https://evil.example)'))).not.toContain(
      'link:https://evil.example(«https://good',
    );
  });

  it('six thousand marks are read within a second', () => {
    for (const mark of ['*', '_', '`', '||', '~~', '[', '> ', '- ', '**_', '<t:', '\n- ']) {
      const from = performance.now();
      parse(mark.repeat(Math.ceil(6000 / mark.length)));
      expect([mark, performance.now() - from < 1000]).toEqual([mark, true]);
    }
  });
});
