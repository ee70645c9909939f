import fc from 'fast-check';

export const REPO = 'acme-kit/Site.js';
const PARTS = {
  scheme: [
    'https://',
    'https://',
    'https://',
    'http://',
    'HTTPS://',
    'https:/',
    'https:\\\\',
    '//',
    'javascript:',
    'https://a@',
    'https://github.com@',
  ],
  host: [
    'github.com',
    'github.com',
    'github.com',
    'GitHub.com',
    'github.com.evil.example',
    'evil.example',
    'gıthub.com',
    'gİthub.com',
    'xn--gthub-n2a.com',
    'github.com:443',
    'github.com.',
    'github\u200B.com',
    'gist.github.com',
    'github.com\\',
    'github.com@evil.example',
    'github。com',
  ],
  gap: ['/', '/', '/', '//', '\\', '/./', '/../', '%2f', '/\t', '/ '],
  owner: ['acme-kit', 'acme-kit', 'acme-kit', 'ACME-KIT', 'acme-\u212Ait', 'evil', 'acme-kit%20', '..', 'acme-kit\n'],
  name: ['Site.js', 'Site.js', 'Site.js', 'site.JS', '\u017Fite.js', 'Sitexjs', 'Site.js.git', 'evil', 'Site%2ejs'],
  pull: ['/pull/', '/pull/', '/pull/', '/pulls/', '/issues/', '/PULL/', '/pull//', '%2Fpull%2F', '/pull/../'],
  number: ['7', '7', '7', '123456', '0', '007', '7x', '٧', '1e3', '-1', '99999999999', ''],
  tail: ['', '', '', '/', '?a=1', '#b', '/files', '\n', '\\@evil.example', '@evil.example', ' ', '\u202E', '%00', '\0'],
} as const;

/** The true part mostly, so that most addresses are wrong in one or two places. */
const part = (name: keyof typeof PARTS) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(PARTS[name][0]) },
    { weight: 1, arbitrary: fc.constantFrom(...PARTS[name]) },
  );

/** Addresses of pull requests, true and nearly true. */
export const pullUrl = fc
  .tuple(
    ...(['scheme', 'host', 'gap', 'owner'] as const).map(part),
    part('gap'),
    ...(['name', 'pull', 'number', 'tail'] as const).map(part),
  )
  .map((parts) => parts.join(''));

const ascii = (text: string) => text.replace(/[A-Z]/g, (one) => one.toLowerCase());

/** Character by character, without a regular expression and without URL: only ASCII letters' case may differ. */
export function isOwn(address: string): boolean {
  const start = ascii(`https://github.com/${REPO}/pull/`);
  const digits = address.slice(start.length);
  return (
    ascii(address.slice(0, start.length)) === start &&
    digits.length > 0 &&
    digits.length <= 10 &&
    digits[0] !== '0' &&
    [...digits].every((one) => '0123456789'.includes(one))
  );
}
