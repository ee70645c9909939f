import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const architecture = readFileSync(new URL('docs/architecture.md', root), 'utf8');

/** The numbered steps of the straight path, as `[number, file]`. */
const section = architecture.split('## The straight path')[1]?.split('\n## ')[0] ?? '';
const steps = [...section.matchAll(/^(\d+)\. `([^`]+)`/gm)].map(([, number, file]) => ({ number, file: file ?? '' }));

test('the straight path is told in order, without a gap', () => {
  expect(steps.length).toBeGreaterThan(8);
  expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => String(index + 1)));
  const milestones = ['gateway.ts', 'interactions.ts', 'request_task.sql', 'consume.ts', 'open-session.ts', 'send.ts'];
  const places = milestones.map((name) => steps.findIndex(({ file }) => file.endsWith(`/${name}`)));
  expect(places).toEqual([...places].sort((one, other) => one - other));
  expect(places).not.toContain(-1);
});

test('every file of the straight path exists', () => {
  expect(steps.filter(({ file }) => !existsSync(new URL(file, root)))).toEqual([]);
});

test('every file that the page names exists', () => {
  const named = [...architecture.matchAll(/`((?:src|supabase|test|scripts)\/[^`]+)`/g)].map(([, file]) => file ?? '');
  expect(named.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});
