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

type Tell<Piece> = (node: Piece, inside: string) => string;

const OURS: Readonly<Record<string, Tell<Node>>> = {
  text: ({ text = '' }) => words(text),
  code: ({ text }) => `code(${text})`,
  block: ({ language, text }) => `block:${language}(${text})`,
  heading: ({ level }, inside) => `heading${level}(${inside})`,
  link: ({ url }, inside) => `link:${url}(${inside})`,
  list: ({ items = [] }) => `list(${items.map((item) => ours(item)).join('|')})`,
  time: ({ id, style }) => `time:${id}:${style}()`,
};
const plainly: Tell<Pick<Node, 'type' | 'id'>> = ({ type, id }, inside) => `${type}${id ? `:${id}` : ''}(${inside})`;

/** Italics within italics look the same; the oracle leaves them out. */
function ours(nodes: readonly Node[], inEm = false): string {
  const tell = (node: Node) => {
    const isEm = node.type === 'em';
    const inside = ours(node.children ?? [], inEm || isEm);
    return isEm && inEm ? inside : (OURS[node.type] ?? plainly)(node, inside);
  };
  return joined(nodes.map(tell));
}

const NAMES: Readonly<Record<string, string>> = {
  underline: 'under',
  strikethrough: 'strike',
  subtext: 'small',
  blockQuote: 'quote',
  user: 'person',
};
const link: Tell<Oracle[number]> = ({ target }, inside) => `link:${target}(${inside})`;
const everybody: Tell<Oracle[number]> = ({ type }) => `everybody:${type}()`;
const lineBreak = () => words('\n');

const THEIRS: Readonly<Record<string, Tell<Oracle[number]>>> = {
  text: ({ content }) => words(content),
  br: lineBreak,
  newline: lineBreak,
  twemoji: ({ name }) => words(name),
  inlineCode: ({ content }) => `code(${content})`,
  codeBlock: ({ lang, content }) => `block:${lang}(${content})`,
  heading: ({ level }, inside) => `heading${level}(${inside})`,
  link,
  url: link,
  autolink: link,
  timestamp: ({ timestamp, format }) => `time:${timestamp}:${format ?? 'f'}()`,
  everyone: everybody,
  here: everybody,
  emoji: ({ name }) => `custom:${name}()`,
  slashCommand: ({ fullName }) => `command:${fullName}()`,
};

function theirs(nodes: Oracle): string {
  const tell = (node: Oracle[number]) => {
    const inside = Array.isArray(node.content) ? theirs(node.content) : '';
    const known = THEIRS[node.type];
    return known ? known(node, inside) : plainly({ type: NAMES[node.type] ?? node.type, id: node.id }, inside);
  };
  return joined(nodes.map(tell));
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
