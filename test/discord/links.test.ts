import { expect, test } from 'vitest';
import { isKnownLink, splitAddresses } from '#discord/links.ts';

test.each([
  'https://github.com',
  'https://github.com/acme/site',
  'https://github.com/acme/site/',
  'https://github.com/acme_corp/site.js',
  'https://github.com/acme/site/pull/7',
  'https://github.com/acme/site/pull/7/files?w=1#diff',
  'https://github.com/acme/site/pulls?q=is:open',
  'https://github.com/acme/site/issues/3',
  'https://github.com/acme/site/commit/3f2a9c8',
  'https://github.com/acme/site/tree/main/docs',
  'https://github.com/acme/site/blob/main/README.md#L3',
  'https://github.com/acme/site/actions/runs/1',
  'https://github.com/acme/site/releases/tag/v1.2.3',
  'https://github.com/acme/site/compare/main...next',
  'https://github.com/acme/site/discussions/4',
  'https://github.com/apps-of-mine/site',
  'https://jules.google.com',
  'https://jules.google.com/session/4001289662665748680',
  'https://jules.google.com/task/4001289662665748680',
  'https://jules.google.com/settings#api',
  'https://jules.google/docs/api/reference',
  'https://discord.com/channels/1300000000000000001/2/3',
])('%s is a link', (address) => {
  expect(isKnownLink(address)).toBe(true);
});

test.each([
  'https://jules.google.com/url?q=https://evil.example',
  'https://jules.google.com/session/1?continue=https://evil.example',
  'https://jules.google.com/settings/tokens',
  'https://jules.google.com/?continue=https://evil.example',
  'https://jules.google/url',
  'https://github.com/login',
  'https://github.com/login/device',
  'https://github.com/LOGIN/oauth/authorize?client_id=1',
  'https://github.com/settings/tokens',
  'https://github.com/sessions/two-factor',
  'https://github.com/apps/evil/installations/new',
  'https://github.com/organizations/new',
  'https://github.com/users/evil/projects/1',
  'https://github.com/acme',
  'https://github.com/acme/site/releases/download/v1/setup.exe',
  'https://github.com/acme/site/archive/main.zip',
  'https://github.com/acme/site/settings',
  'https://github.com/acme/site/raw/main/setup.exe',
  'https://github.com/acme/site/pullx/7',
  'https://github.com/acme/sitepull/7',
  'https://github.com//acme/site',
])('%s is none', (address) => {
  expect(isKnownLink(address)).toBe(false);
  const isShownAsCode = splitAddresses(address).every(
    ({ kind, written }) => kind === 'text' || written.startsWith('`'),
  );
  expect(isShownAsCode).toBe(true);
});
