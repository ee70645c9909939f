import { describe, expect, test } from 'vitest';
import { decideMessage, isSame, type MessageRow, nonceOf } from '#discord/message.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const WINDOWS = { intentMs: 20_000, editMs: 3000, editOldMs: 15_000 };
const at = (ms: number) => new Date(NOW.getTime() + ms);

const aRow = (facts: Partial<MessageRow> = {}): MessageRow => ({
  id: 'row',
  kind: 'card',
  view: 'task',
  place: 'channel',
  place_id: '1',
  facts: {},
  channel_id: null,
  message_id: null,
  thread_id: null,
  thread_problem: null,
  announced_at: null,
  shown_hash: null,
  shown_at: null,
  posted_at: null,
  sending_since: null,
  unsure_until: null,
  forbidden_since: null,
  forbidden_at: null,
  parked_reason: null,
  resent: 0,
  ...facts,
});

const posted = (facts: Partial<MessageRow> = {}) =>
  aRow({
    channel_id: '1',
    message_id: '2',
    shown_hash: 'old',
    shown_at: at(-60_000),
    posted_at: at(-60_000),
    ...facts,
  });

const decide = (row: MessageRow, facts: { hash?: string; isFinal?: boolean } = {}) =>
  decideMessage({ row, hash: 'new', isFinal: false, now: NOW, ...facts }, WINDOWS);

describe('a message that has no id yet', () => {
  test('and no intent is posted', () => {
    expect(decide(aRow())).toEqual({ kind: 'post' });
    expect(decide(aRow({ kind: 'note' }))).toEqual({ kind: 'post' });
  });

  test('but an intent is looked for from a minute before it, and may be posted again after the window', () => {
    expect(decide(aRow({ sending_since: at(-5000).toISOString() }))).toEqual({
      kind: 'look',
      since: at(-65_000),
      until: at(60_000),
      mayPostAt: at(15_000),
    });
  });

  test('and an intent whose window is over is still looked for first, no further than the intent could reach', () => {
    expect(decide(aRow({ sending_since: at(-3_600_000).toISOString() }))).toEqual({
      kind: 'look',
      since: at(-3_660_000),
      until: at(-3_600_000 + 20_000 + 60_000),
      mayPostAt: at(-3_600_000 + 20_000),
    });
  });

  test('and an older attempt still in doubt is looked for although the newest was never sent', () => {
    expect(decide(aRow({ unsure_until: at(4000) }))).toEqual({
      kind: 'look',
      since: at(4000 - 20_000 - 60_000),
      until: at(60_000),
      mayPostAt: at(4000),
    });
  });

  test('waits for the later of two windows', () => {
    const row = aRow({ sending_since: at(-15_000).toISOString(), unsure_until: at(9000) });
    expect(decide(row)).toMatchObject({ kind: 'look', mayPostAt: at(9000) });
  });
});

describe('a card that was posted', () => {
  test('with an equal body and no doubt is left alone', () => {
    expect(decide(posted(), { hash: 'old' })).toEqual({ kind: 'skip' });
  });

  test('and differs is edited', () => {
    expect(decide(posted())).toEqual({ kind: 'edit' });
  });

  test('and was adopted without knowing its body is edited', () => {
    expect(decide(posted({ shown_hash: null, shown_at: null }))).toEqual({ kind: 'edit' });
  });

  test.each([
    ['young', { shown_at: at(-1000) }, 2000],
    ['fifty minutes old', { shown_at: at(-1000), posted_at: at(-50 * 60_000) }, 14_000],
    ['almost fifty minutes old', { shown_at: at(-1000), posted_at: at(-50 * 60_000 + 1) }, 2000],
  ])('and %s waits until its last edit is long enough ago', (_age, facts, waitMs) => {
    expect(decide(posted(facts))).toEqual({ kind: 'wait', until: at(waitMs) });
  });

  test('is edited when the spacing is exactly over', () => {
    expect(decide(posted({ shown_at: at(-3000) }))).toEqual({ kind: 'edit' });
  });

  test('says its last word at once', () => {
    expect(decide(posted({ shown_at: at(-1000) }), { isFinal: true })).toEqual({ kind: 'edit' });
  });

  test.each([['old'], ['new']])('and an edit of unknown outcome is edited at once (%s body)', (hash) => {
    const row = posted({ shown_at: at(-1000), sending_since: at(-500).toISOString() });
    expect(decide(row, { hash })).toEqual({ kind: 'edit' });
  });

  test('with a doubt that may still come true waits for its end, though the body is equal', () => {
    expect(decide(posted({ unsure_until: at(7000) }), { hash: 'old' })).toEqual({ kind: 'wait', until: at(7000) });
  });

  test('is edited once more when the doubt is over, though the body is equal and the last edit recent', () => {
    expect(decide(posted({ unsure_until: NOW, shown_at: at(-1) }), { hash: 'old' })).toEqual({ kind: 'edit' });
  });

  test('with a doubt follows news meanwhile', () => {
    expect(decide(posted({ unsure_until: at(7000) }))).toEqual({ kind: 'edit' });
    expect(decide(posted({ unsure_until: at(7000), shown_at: at(-1000) }))).toEqual({ kind: 'wait', until: at(2000) });
  });
});

describe('a card whose place is closed to Verne', () => {
  const closed = (forMs: number, lastMs: number, facts: Partial<MessageRow> = {}) =>
    posted({ forbidden_at: at(-lastMs), forbidden_since: at(-lastMs - forMs), ...facts });

  test.each([
    ['a moment', 0, 3000],
    ['a minute', 60_000, 60_000],
    ['an hour', 3_600_000, 600_000],
  ])('for %s is tried again after as long, ten minutes at most', (_time, forMs, pauseMs) => {
    expect(decide(closed(forMs, 1000), { isFinal: true })).toEqual({ kind: 'wait', until: at(pauseMs - 1000) });
    expect(decide(closed(forMs, pauseMs))).toEqual({ kind: 'edit' });
  });

  test('waits as well when an edit is in doubt, and has nothing to wait for when its body is equal', () => {
    const doubt = { sending_since: at(-1).toISOString() };
    expect(decide(closed(0, 1000, doubt))).toEqual({ kind: 'wait', until: at(2000) });
    expect(decide(closed(0, 1000), { hash: 'old' })).toEqual({ kind: 'skip' });
  });
});

test('a note that was posted is done with', () => {
  expect(decide(posted({ kind: 'note', sending_since: at(-1).toISOString() }))).toEqual({ kind: 'skip' });
});

test('a parked message is left alone, whatever else stands in its row', () => {
  expect(decide(aRow({ parked_reason: 'forbidden', sending_since: at(-1).toISOString() }))).toEqual({ kind: 'skip' });
  expect(decide(posted({ parked_reason: 'message_gone' }))).toEqual({ kind: 'skip' });
});

test('a nonce has 25 characters, is the same for the same row and another for another', () => {
  const nonces = Array.from({ length: 100 }, (_, at) => nonceOf(`row ${at}`));
  expect(new Set(nonces).size).toBe(100);
  expect(nonces.every((nonce) => /^[0-9A-Za-z]{25}$/.test(nonce))).toBe(true);
  expect(nonceOf('row 1')).toBe(nonces[1]);
});

describe('a message found in a channel', () => {
  const allowed_mentions = { parse: [] } as { parse: [] };
  const card = { embeds: [{ title: 'Waiting', footer: { text: 'task #12' } }], allowed_mentions };
  const note = { content: '✅ PR ready ', allowed_mentions };

  test('is a card by its footer, whatever its state was when it was posted', () => {
    expect(isSame({ content: '<@&1> waits', embeds: [{ title: 'Old', footer: { text: 'task #12' } }] }, card)).toBe(
      true,
    );
    expect(isSame({ content: '', embeds: [{ title: 'Waiting', footer: { text: 'task #13' } }] }, card)).toBe(false);
    expect(isSame({ content: '', embeds: [] }, card)).toBe(false);
  });

  test('is a note by what it says', () => {
    expect(isSame({ content: '✅ PR ready', embeds: [] }, note)).toBe(true);
    expect(isSame({ content: '✅ PR ready!', embeds: [] }, note)).toBe(false);
    expect(isSame({ content: '✅ PR ready', embeds: [{ title: 'The plan' }] }, note)).toBe(false);
  });
});
