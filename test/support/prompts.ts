type Prompt = { readonly what: string; readonly prompt: string; readonly expected: string };

/** Prompts at the edge of what may be asked, and what becomes of each. */
export const HOSTILE_PROMPTS: readonly Prompt[] = [
  { what: 'nothing', prompt: '', expected: 'empty_prompt' },
  { what: 'one character', prompt: 'x', expected: 'x' },
  { what: 'blanks', prompt: ' \t\r\n\u00A0\u3000', expected: 'empty_prompt' },
  { what: 'characters that show nothing', prompt: '\u200B\u2060\u3164\uFE0F\u2800\0', expected: 'empty_prompt' },
  { what: 'a megabyte', prompt: 'x'.repeat(1024 * 1024), expected: 'long_prompt' },
  { what: 'a megabyte of blanks', prompt: ' '.repeat(1024 * 1024), expected: 'empty_prompt' },
  { what: 'ten megabytes of marks', prompt: 'e\u0301'.repeat(5 * 1024 * 1024), expected: 'long_prompt' },
  { what: 'lone surrogates', prompt: 'a\uD800b\uDC00c', expected: 'a\uFFFDb\uFFFDc' },
  { what: 'NUL', prompt: 'a\0b', expected: 'ab' },
  { what: 'CR and LF', prompt: 'a\r\nb\rc', expected: 'a\r\nb\rc' },
  { what: 'a text in tags', prompt: 'Fix it\u{E0072}\u{E006D}', expected: 'hidden_text' },
  {
    what: 'the flag of England',
    prompt: 'Draw 🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
    expected: 'Draw 🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
  },
  { what: 'tags behind a flag', prompt: `🏴${'\u{E0061}'.repeat(30)}`, expected: 'hidden_text' },
  {
    what: 'SQL and JSON',
    prompt: `'); drop table tasks; -- {"a":"\\u0000"}`,
    expected: `'); drop table tasks; -- {"a":"\\u0000"}`,
  },
];

export const HOSTILE_REPOS = [
  ...[
    'acme/s\u0456te',
    '\u0430cme/site',
    'acme/site\u200B',
    'acme/..',
    'acme/site/x',
    'acme\\site',
    'https://evil.example/acme/site',
  ],
  ...[
    'https://github.com@evil.example/a/b',
    '@everyone/x',
    'a/b\nc',
    '`a/b`',
    'acme/\u{E0041}',
    '',
    '/',
    'a'.repeat(10_000),
  ],
];

export const HOSTILE_BRANCHES = [
  ...[
    'ma\u200Bin',
    'main\u202E',
    'ma in',
    'main\u{E0041}',
    'ma\uD800in',
    'main\u3164',
    'main\uFE0F',
    'main\u2800',
    '\0',
    'a\nb',
  ],
  ...['-x', '../x', 'x.lock', 'x@{1}', 'x~1', 'x'.repeat(201), ''],
];
