import { afterAll, beforeAll, expect, test } from 'vitest';
import { cardsOf, idOf, type Message, type RunningSandbox, startSandbox } from '../support/sandbox.ts';

/** The main story, told as it happens to people. Its tests follow one another in one sandbox. */
let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
}, 60_000);
afterAll(() => sandbox.stop());

const ask = async (prompt: string, as = 'requester') => {
  const before = cardsOf(await sandbox.state()).length;
  const { reply } = await sandbox.drive('command', { as, name: 'jules', options: { prompt } });
  const card = await sandbox.until('a card', (state) => cardsOf(state)[before]);
  return { reply, card };
};
const press = (as: string, card: Message, what: RegExp) =>
  sandbox.drive('press', { as, message: card.id, custom_id: idOf(card, what) });
const cardNow = async ({ id }: Message) => {
  const found = (await sandbox.state()).messages.find((message) => message.id === id);
  if (!found) throw new Error('the card is gone');
  return found;
};

test('a request is recorded, shown on a card, and the approvers are told', async () => {
  const { reply, card } = await ask('Add a health check');
  expect(reply?.flags).toBe(64);
  expect(reply?.content).toContain('recorded');
  expect(card.embeds[0]?.title).toBe('🧠 New Jules Task Requested');
  expect(card.embeds[0]?.description).toContain('Waiting for admin confirmation…');
  const { accounts } = await sandbox.state();
  expect(card.mention_roles).toEqual(accounts.find(({ name }) => name === 'approver')?.roles);
  expect(card.mentions).toEqual([]);
});

test('neither outsider nor requester confirms it, and each is told why', async () => {
  const card = cardsOf(await sandbox.state())[0];
  if (!card) throw new Error('no card');
  for (const as of ['outsider', 'requester']) {
    const { reply } = await press(as, card, /confirm/);
    expect(reply?.flags).toBe(64);
    expect(reply?.content).toMatch(/may not confirm.*takes one of these roles/s);
  }
  expect((await cardNow(card)).embeds[0]?.description).toContain('Waiting');
});

test('the approver confirms; thread, progress, and exactly one new message with the link', async () => {
  const card = cardsOf(await sandbox.state())[0];
  if (!card) throw new Error('no card');
  expect(await press('approver', card, /confirm/)).toEqual({});
  const thread = await sandbox.until('a thread', ({ channels }) => channels.find(({ parent_id }) => parent_id));
  expect(thread.id).toBe(card.id);
  const link = await sandbox.until('the link', ({ messages }) =>
    messages.find(({ content, author }) => author.bot && content.startsWith('✅ PR ready: https://github.com/')),
  );
  expect(link.reference?.message_id).toBe(card.id);
  const { accounts } = await sandbox.state();
  expect(link.mentions).toEqual([accounts.find(({ name }) => name === 'requester')?.id]);
  await sandbox.until('the card to say so', ({ messages }) =>
    messages.find(({ id, embeds }) => id === card.id && embeds[0]?.title?.startsWith('✅ PR ready')),
  );
  const state = await sandbox.until('what was done, in the thread', (now) => {
    const quiet = now.messages.filter(({ channel_id, flags }) => channel_id === thread.id && flags === 4096);
    return quiet.length > 3 && now;
  });
  const told = state.messages.filter(({ content }) => content.includes('PR ready'));
  expect(told).toHaveLength(1);
  expect(state.sessions).toMatchObject([{ state: 'COMPLETED', approved: true }]);
  expect(idsOf(await cardNow(card))).not.toContain('confirm');
});

const idsOf = (card: Message) =>
  JSON.stringify(card.components.flatMap((row) => row.components?.map((one) => one.custom_id)));

test('a second request is rejected with a reason, and the requester hears it by direct message', async () => {
  const { card } = await ask('Rewrite everything');
  const { modal } = await press('approver', card, /reject/);
  expect(modal?.title).toBeTruthy();
  const field = idOf({ components: modal?.components ?? [] }, /./);
  await sandbox.drive('modal', {
    as: 'approver',
    custom_id: modal?.custom_id,
    fields: { [field]: 'Too big: one page first' },
    message: card.id,
  });
  await sandbox.until('the card to say so', ({ messages }) =>
    messages.find(({ id, embeds }) => id === card.id && embeds[0]?.title?.startsWith('❌ Task rejected by Admin.')),
  );
  const dm = await sandbox.until('a direct message', ({ messages, channels }) =>
    messages.find(({ channel_id }) => channels.some(({ id, type }) => id === channel_id && type === 1)),
  );
  expect(JSON.stringify(dm)).toContain('Too big: one page first');
});

test('a third is cancelled by the one who asked', async () => {
  const { card } = await ask('Never mind');
  await press('requester', card, /cancel/);
  await sandbox.until('the card to say so', ({ messages }) =>
    messages.find(({ id, embeds }) => id === card.id && /cancelled/i.test(embeds[0]?.title ?? '')),
  );
  expect((await sandbox.state()).sessions).toHaveLength(1);
});

test('who holds the confirm role needs no second person', async () => {
  const { reply, card } = await ask('Fix the footer', 'approver');
  expect(reply?.content).toContain('starts');
  expect(idsOf(card)).not.toContain('confirm');
  await sandbox.until('its link', ({ messages }) =>
    messages.find(({ content, reference }) => content.includes('PR ready') && reference?.message_id === card.id),
  );
});

test('nothing that the bot sent was refused by Discord', async () => {
  const { requests } = await sandbox.state();
  expect(requests.filter(({ status }) => status >= 400 && status !== 429)).toEqual([]);
});
