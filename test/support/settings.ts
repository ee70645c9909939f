import type { Settings } from '#guilds/settings.ts';

type Key = Settings['keys'][number];

/** A key as the settings show it. */
export const aShownKey = (facts: Partial<Key> = {}): Key => ({
  owner: 'server',
  last4: '1a2b',
  added_at: new Date('2026-11-20T10:00:00Z'),
  used_at: null,
  role: null,
  channel: null,
  problem: null,
  plan: 'pro',
  per_day: 100,
  at_once: 15,
  ...facts,
});

/** What nobody has changed in a server's settings. */
export const UNTOUCHED = {
  language: 'en',
  policy: { approvals: 1, self_approval: true, expire_hours: 72, key_rule: 'wait', plan_review: false },
  plans: null,
  paused: null,
  grants: [],
  allow: {},
} as const satisfies Partial<{ [Name in keyof Settings]: unknown }>;
