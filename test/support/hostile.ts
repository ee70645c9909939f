import fc from 'fast-check';

/** A stranger's id, which no text of ours names. */
const STRANGER = '1300000000000009999';

const PINGS = [
  ...['@everyone', '@here', '@Everyone', `<@${STRANGER}>`, `<@!${STRANGER}>`, `<@&${STRANGER}>`, `<#${STRANGER}>`],
  ...['@every\u200Bone', '@\u2060here', '<@\u200B1300000000000009999>', '@', 'everyone', 'here', '<', '>', STRANGER],
];
const ADDRESSES = [
  ...[
    'https://evil.example/a_b',
    'http://evil.example',
    'https://github.com.evil.example/a',
    'https://github.com@evil.example/',
  ],
  ...[
    'https://github.com:443@evil.example',
    'https://github.com\\@evil.example',
    'https://GITHUB.com/a',
    'https://github.com/login/oauth',
  ],
  ...[
    'https://github.com',
    'https://github.com/acme/site/pull/7',
    'https://jules.google.com/session/1',
    'https://xn--gthub-n2a.com/',
  ],
  ...[
    'https://gіthub.com/a',
    'steam://run',
    'discord://-/x',
    'discord.gg/abc',
    'https://discord.com/invite/abc',
    '<https://evil.example>',
  ],
  ...[
    '[https://github.com/x](https://evil.example)',
    '[a](<https://evil.example> "t")',
    '[a]',
    '(https://evil.example)',
    '://',
    'https',
    ':',
    '//',
  ],
  ...['javascript:alert(1)', '<mailto:a@evil.example>', '<tel:+1>', 'https://evil.example/`', 'HTTPS://EVIL.EXAMPLE'],
];
const MARKS = [
  ...[
    '`',
    '``',
    '```',
    '````',
    '```js\n',
    '\n```',
    '\n',
    '\n> ',
    '\n>>> ',
    '\n# ',
    '\n-# ',
    '\n- ',
    '\n1. ',
    '*',
    '**',
    '***',
  ],
  ...[
    '_',
    '__',
    '~~',
    '||',
    '\\',
    '\\\\',
    '[',
    ']',
    '(',
    ')',
    '](',
    '<t:1:R>',
    '<t:0>',
    '</cmd:1300000000000009999>',
    '<id:home>',
  ],
  ...[
    '<:evil:1300000000000009999>',
    '<a:evil:1300000000000009999>',
    ':smile:',
    '¯\\_(ツ)_/¯',
    '&lt;',
    '$&',
    '$1',
    '%s',
    '{0}',
  ],
];
const HIDDEN = [
  '\u202E',
  '\u2066',
  '\u200B',
  '\u200D',
  '\u200C',
  '\uFE0F',
  '\u{E0041}',
  '\0',
  '\uD800',
  '\uDC00',
  '\u3164',
  '\u00AD',
];
const SHOWN = [
  '👨‍👩‍👧‍👦',
  '🏳️‍🌈',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  '1️⃣',
  'e\u0301',
  `e${'\u0301'.repeat(20)}`,
  'क्‍ष',
  'می‌خواهم',
  ' ',
  'a',
  'word',
  '7',
  '\r\n',
  '\t',
  '\u2028',
];

const atom = fc.oneof(
  fc.constantFrom(...PINGS),
  fc.constantFrom(...ADDRESSES),
  { arbitrary: fc.constantFrom(...MARKS), weight: 2 },
  fc.constantFrom(...HIDDEN),
  fc.constantFrom(...SHOWN),
  fc.string({ unit: 'binary', maxLength: 4 }),
);

/** Text of somebody who wants to ping, lure, hide, pretend or break out, in a few strokes. */
export const hostile = (strokes = 6) =>
  fc.array(atom, { minLength: 1, maxLength: strokes, size: 'max' }).map((atoms) => atoms.join(''));
