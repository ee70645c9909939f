import { expect } from 'vitest';
import { cardsOf, idOf, type Message, type RunningSandbox, type State } from './sandbox.ts';

/** One task, told by its prompt: that is what card, session and thread are found by. */
export type Story = { readonly prompt: string };

export const cardOf = (state: State, { prompt }: Story): Message | undefined =>
  cardsOf(state).find(({ embeds }) => JSON.stringify(embeds).includes(prompt));
export const sessionsOf = (state: State, { prompt }: Story) =>
  state.sessions.filter(({ title }) => title.startsWith(prompt));
export const threadsOf = ({ channels }: State, card: Message) =>
  channels.filter(({ id, parent_id }) => parent_id === card.channel_id && id === card.id);
export const outcomesOf = ({ messages }: State, card: Message) =>
  messages.filter(({ reference, flags }) => reference?.message_id === card.id && !(flags & 64));
export const titleOf = (card: Message | undefined) => card?.embeds[0]?.title ?? '';

export const ask = (sandbox: RunningSandbox, { prompt }: Story) =>
  sandbox.drive('command', { as: 'requester', name: 'jules', options: { prompt } });

/** Presses Confirm as the approver, again where nobody answers: a bot that was killed may have heard it or not. */
export async function confirm(sandbox: RunningSandbox, story: Story): Promise<void> {
  const card = await sandbox.until('the card', (state) => cardOf(state, story));
  const custom_id = idOf(card, /confirm/);
  const press = () => sandbox.drive('press', { as: 'approver', message: card.id, custom_id });
  const answer = await press();
  if (answer.error) await press();
}

const notesOf = ({ messages }: State, card: Message) =>
  messages.filter((one) => one.channel_id === card.id).map(({ content, embeds }) => JSON.stringify([content, embeds]));

/** The end of a story, and that everything in it is there once. */
export function expectToldOnce(state: State, story: Story): void {
  const cards = cardsOf(state).filter(({ embeds }) => JSON.stringify(embeds).includes(story.prompt));
  expect(cards.map(titleOf)).toEqual([expect.stringMatching(/^✅ PR ready/)]);
  const [card] = cards;
  if (!card) return;
  const outcomes = outcomesOf(state, card);
  expect(outcomes.map(({ content }) => content.split('\n')[0])).toEqual([
    expect.stringMatching(/^✅ PR ready: https:\/\/github\.com\//),
  ]);
  expect(threadsOf(state, card)).toHaveLength(1);
  const approved = sessionsOf(state, story).filter((session) => session.approved);
  expect(approved).toHaveLength(1);
  // A session that was opened again tells its steps again; otherwise each is told once.
  if (sessionsOf(state, story).length === 1) expect(notesOf(state, card)).toEqual([...new Set(notesOf(state, card))]);
  expect(outcomes[0]?.content).toContain(String(approved[0]?.pullRequest));
}

export async function untilTold(sandbox: RunningSandbox, story: Story, withinMs = 30_000): Promise<void> {
  await sandbox.until(
    `the end of "${story.prompt}"`,
    (state) => {
      const card = cardOf(state, story);
      return card && titleOf(card).startsWith('✅ PR ready') && outcomesOf(state, card).length > 0;
    },
    withinMs,
  );
  expectToldOnce(await sandbox.state(), story);
}
