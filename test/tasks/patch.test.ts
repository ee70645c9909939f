import { expect, test } from 'vitest';
import { newestPatch } from '#tasks/patch.ts';
import type { JulesActivity, JulesOutput } from '#tasks/ports.ts';
import { aSession } from '../support/tasks.ts';

const changeSet = (patch: string): JulesOutput => ({ kind: 'changeSet', patch, patchChars: patch.length });
const TOLD_AT = new Date('2026-11-20T12:00:00Z');
const told = (patch: string): JulesActivity => ({
  name: 'a',
  createTime: TOLD_AT,
  description: null,
  artifacts: [changeSet(patch)],
  kind: 'progressUpdated',
  progress: { title: null, description: null },
});
const before = new Date(TOLD_AT.getTime() - 1);
const outputs = [changeSet('output')];

test.each([
  ['went back to work has what it told last', { state: 'IN_PROGRESS' }, ['newer', 'newest'], false, 'newest'],
  ['went back to work keeps what is known, not its old output', { state: 'IN_PROGRESS' }, [], true, undefined],
  ['told nothing has its output', { state: 'FAILED' }, [], false, 'output'],
  ['is complete has its output', { state: 'COMPLETED', updateTime: TOLD_AT }, ['told'], true, 'output'],
  ['told more since it was complete has that', { state: 'COMPLETED', updateTime: before }, ['told'], true, 'told'],
])('of several patches a session that %s', (_what, facts, patches, isKnown, kept) => {
  const session = aSession({ ...facts, outputs });
  expect(newestPatch(session, patches.map(told), isKnown)?.text).toBe(kept);
});
