import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tellCoreStory } from '../support/core-story.ts';
import { type Answer, idOf, type Message, type RunningSandbox, startSandbox } from '../support/sandbox.ts';
import { dataFolder, defectsOf } from '../support/sandbox-data.ts';
import { cardOf, confirm, type Story, sessionsOf, titleOf, untilTold } from '../support/story.ts';

/** People read plans, answer Jules and tell it more: what they press on the cards, and what comes of it. */
let sandbox: RunningSandbox;
let data: Awaited<ReturnType<typeof dataFolder>>;
beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ data: data.folder, env: { VERNE_SILENT_PAUSED_MS: '300' } });
  await sandbox.drive('faults', { limits: 'off', latencyMs: 2 });
  await sandbox.drive('jules', { settings: { planExpiresMs: 4_000_000 } });
}, 60_000);
afterAll(async () => {
  await sandbox?.stop();
  await data.remove();
});

const asks = ({ prompt }: Story, options: object = {}) =>
  sandbox.drive('command', { as: 'requester', name: 'jules', options: { prompt, ...options } });
const untilCard = (story: Story, title: RegExp, other?: string) =>
  sandbox.until(`a card that says ${title}`, (state) => {
    const card = cardOf(state, story);
    return title.test(titleOf(card)) && JSON.stringify(card?.components) !== other && card;
  });
const press = (card: Message, button: RegExp, as = 'approver') =>
  sandbox.drive('press', { as, message: card.id, custom_id: idOf(card, button) });
/** Opens the dialog of a button and sends a text. */
async function write(card: Message, button: RegExp, text: string, as = 'requester') {
  const { modal } = await press(card, button, as);
  if (!modal) throw new Error(`${button} opened no dialog`);
  return sandbox.drive('modal', { as, custom_id: modal.custom_id, fields: { answer: text } });
}
const inThread = (card: Message, words: string) =>
  sandbox.until(`"${words}" in the thread`, (state) =>
    state.messages.find(({ channel_id, content }) => channel_id === card.id && content.includes(words)),
  );
const isOpen = (story: Story) =>
  sandbox.until('a session', (state) => sessionsOf(state, story)[0]).then(({ approved }) => approved);

describe('a plan that is read first', () => {
  test('runs when an approver lets it, and the link comes', async () => {
    const story = { prompt: 'Read my plan first' };
    await asks(story, { plan: 'read' });
    await confirm(sandbox, story);
    const card = await untilCard(story, /^📝 The plan waits for you/);
    expect(await isOpen(story)).toBe(false);
    const plan = await sandbox.until('the plan in the thread', ({ messages }) =>
      messages.find(({ channel_id, embeds }) => channel_id === card.id && embeds[0]?.title === '📝 The plan'),
    );
    expect(plan.attachments).toMatchObject([{ filename: 'plan.md' }]);
    expect((await press(card, /approve_plan/, 'requester')).reply?.content).toMatch(/^You may not confirm/);
    await press(card, /approve_plan/);
    await untilTold(sandbox, story);
  });

  test('is changed on demand: another plan comes, and the old button does nothing', async () => {
    const story = { prompt: 'Change my plan' };
    await asks(story, { plan: 'read' });
    await confirm(sandbox, story);
    const first = await untilCard(story, /^📝 The plan waits for you/);
    const said = await write(first, /ask_changes/, 'Write the tests first.');
    expect(said.reply?.content).toMatch(/^📨 Kept for Jules/);
    await inThread(first, 'asked Jules for changes of the plan');
    const second = await untilCard(story, /^📝 The plan waits for you/, JSON.stringify(first.components));
    expect((await press(first, /approve_plan/)).reply?.content ?? '').toMatch(/not the plan that waits|^$/);
    await press(second, /approve_plan/);
    await untilTold(sandbox, story);
  });
});

test('a question is answered from the card, once, and the thread shows that Jules was told', async () => {
  await sandbox.drive('jules', { scenario: 'question', question: 'Which footer?', next: true });
  const story = { prompt: 'It asks which footer' };
  await asks(story);
  await confirm(sandbox, story);
  const card = await untilCard(story, /^❓ Jules has a question/);
  const said = await write(card, /v1:answer:/, 'The green one.');
  expect(said.reply?.content).toMatch(/^📨 Kept for Jules/);
  const late = await press(card, /v1:you-decide:/);
  // Its card may have changed by then, and the button be gone.
  expect(late.reply?.content ?? JSON.stringify(late)).toMatch(
    /was quicker|does not wait for this answer|unknown_component/,
  );
  await inThread(card, 'The green one.');
  await untilTold(sandbox, story);
});

test('a message in the thread answers what Jules asks, with its file, and shows on itself that Jules was told, once', async () => {
  await sandbox.drive('jules', { scenario: 'question', question: 'Which header?', next: true });
  const story = { prompt: 'It asks which header' };
  await asks(story);
  await confirm(sandbox, story);
  const card = await untilCard(story, /^❓ Jules has a question/);
  await sandbox.until('the thread', ({ channels }) => channels.some(({ id }) => id === card.id) || undefined);
  await sandbox.drive('say', { as: 'requester', channel: card.id, content: '// I think the blue one' });
  const files = [{ name: 'colors.md', text: 'blue: #00f' }];
  const { message } = await sandbox.drive('say', {
    as: 'requester',
    channel: card.id,
    content: 'The blue one.',
    files,
  });
  await sandbox.until('a sign that Jules was told', ({ messages }) =>
    messages.find(({ id, reactions }) => id === message?.id && reactions?.some(({ emoji }) => emoji.name === '✅')),
  );
  await untilTold(sandbox, story);
  const [session] = sessionsOf(await sandbox.state(), story);
  const heard = session?.messages?.filter(({ from }) => from === 'user') ?? [];
  expect(heard).toHaveLength(1);
  expect(heard[0]?.text).toMatch(/^The blue one\.\n\nFile `colors\.md`:\n```\nblue: #00f\n```/);
});

test('a finished task goes on in the same session when it is told what else to do', async () => {
  const story = { prompt: 'Then one more thing' };
  await asks(story);
  await confirm(sandbox, story);
  await untilTold(sandbox, story);
  const card = await untilCard(story, /^✅ PR ready/);
  await write(card, /follow_up/, 'Also add a test.');
  await inThread(card, 'Also add a test.');
  await inThread(card, 'came back to task');
  expect(sessionsOf(await sandbox.state(), story)).toHaveLength(1);
});

test('all of it in one task, as it is told at the other door and over the other transport too', {
  timeout: 90_000,
}, async () => {
  await tellCoreStory(sandbox, 'Steered at the gateway');
});

const noteOf = (story: Story, words: RegExp) =>
  sandbox.until(`a note that says ${words}`, (state) => {
    const card = cardOf(state, story);
    return state.messages.find((one) => one.reference?.message_id === card?.id && words.test(one.content));
  });

test('a session that hangs is told to its requester, and goes on when it is nudged from there', async () => {
  await sandbox.drive('jules', { scenario: 'paused', next: true });
  const story = { prompt: 'It stops without a word' };
  await asks(story);
  await confirm(sandbox, story);
  const note = await noteOf(story, /Jules stopped work on task #\d+/);
  expect(note.mentions).toHaveLength(1);
  const said = await press(note, /v1:nudge:/, 'requester');
  expect(said.reply?.content).toMatch(/^📨 Kept for Jules/);
  const card = await untilCard(story, /./);
  await inThread(card, 'asked Jules whether it is still at work');
  await noteOf(story, /^✅ PR ready/);
});

test('work that ends with a patch alone is saved as a file, and its pull request is asked for', async () => {
  await sandbox.drive('jules', { scenario: 'patch_only', next: true });
  const story = { prompt: 'It opens no pull request' };
  await asks(story);
  await confirm(sandbox, story);
  const note = await noteOf(story, /^📦 Jules finished with a patch/);
  expect((await press(note, /v1:get_patch:/, 'requester')).reply?.content).toMatch(/^📦 The patch of task #\d+ comes/);
  const card = await untilCard(story, /^📦 Finished with a patch/);
  const patch = await inThread(card, 'The last patch of task #');
  expect(patch.attachments).toMatchObject([{ filename: expect.stringMatching(/^task-\d+\.patch$/) }]);
  await press(card, /v1:publish:/, 'requester');
  await untilCard(story, /^✅ PR ready/);
});

/** Opens a dialog, writes some of its fields anew and sends it. */
async function fillIn(opened: Promise<Answer>, fields: object, as = 'requester') {
  const { modal, ...rest } = await opened;
  if (!modal) throw new Error(`no dialog: ${JSON.stringify(rest)}`);
  return sandbox.drive('modal', { as, custom_id: modal.custom_id, fields });
}

test('words that were edited are confirmed by no button of the old ones; what failed is tried again as a task of its own', async () => {
  const asked = sandbox.drive('command', { as: 'requester', name: 'jules', options: {} });
  await fillIn(asked, { prompt: 'Written in a dialog' });
  const old = await sandbox.until('the card', (state) => cardOf(state, { prompt: 'Written in a dialog' }));
  const match = { method: 'PATCH', path: `/messages/${old.id}` };
  await sandbox.drive('faults', { rest: { match, kind: 'late', delayMs: 900, times: 1 } });
  const edited = await fillIn(press(old, /v1:edit:/, 'requester'), { prompt: 'Edited in a dialog' });
  expect(edited.reply?.content).toMatch(/^✏️ Task #\d+ is edited/);
  expect((await press(old, /v1:confirm:/)).reply?.content).toMatch(/edited since this button was shown/);
  await sandbox.drive('jules', { scenario: 'fail', next: true });
  const story = { prompt: 'Edited in a dialog' };
  await sandbox.until('the new words', (state) => cardOf(state, story));
  await confirm(sandbox, story);
  const failed = await untilCard(story, /^⛔ Task failed/);
  await fillIn(press(failed, /v1:retry:/, 'requester'), { prompt: 'Tried once more' });
  const again = await sandbox.until('its card', (state) => cardOf(state, { prompt: 'Tried once more' }));
  expect(JSON.stringify(again.embeds)).toMatch(/retry of \[#\d+\]\(https:/);
  await sandbox.until('the way from the old one', ({ messages }) =>
    JSON.stringify(messages.find(({ id }) => id === failed.id)?.embeds).match(/retried as \[#\d+\]\(https:/),
  );
});

test('a message is sent to Jules from its menu', async () => {
  const { message } = await sandbox.drive('say', { as: 'outsider', content: 'The clock is five minutes late.' });
  const menu = { as: 'requester', name: 'Send to Jules', message: message?.id };
  await fillIn(sandbox.drive('menu', menu), {});
  const card = await sandbox.until('its card', (state) => cardOf(state, { prompt: 'The clock is five minutes late' }));
  expect(JSON.stringify(card.embeds)).toContain('From a message of outsider');
});

test('the bot met nothing that it took for its own fault', async () => {
  expect(await defectsOf(data.folder)).toEqual([]);
});
