import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pullRequestUrl } from '#kernel/pull-request.ts';
import { isOwn, pullUrl, REPO } from '../support/pull-urls.ts';

// The short form of I03 in docs/reliability.md.

test('only a pull request of the repository itself is one, whatever its address looks like, and is written in one form', () => {
  fc.assert(
    fc.property(pullUrl, (address) => {
      const found = pullRequestUrl(address, REPO);
      expect(found !== undefined).toBe(isOwn(address));
      if (found !== undefined) expect(found).toBe(`https://github.com/${REPO}/pull/${address.split('/').at(-1)}`);
    }),
    { numRuns: 5000 },
  );
});

test.each([
  'https://github.com/acme-\u212Ait/Site.js/pull/7',
  'https://g\u0130thub.com/acme-kit/Site.js/pull/7',
  'https://github.com/acme-kit/Site.js/pull/7\n',
  'https://github.com/acme-kit/../acme-kit/Site.js/pull/7',
  'https://github.com@evil.example/acme-kit/Site.js/pull/7',
])('%j is nobody’s', (address) => {
  expect(pullRequestUrl(address, REPO)).toBeUndefined();
  expect(pullRequestUrl(address)).toBeUndefined();
});
