import type { Component, Message, RunningSandbox, State } from './sandbox.ts';
import { cardOf, type Story, sessionsOf } from './story.ts';

/** What somebody told Jules from a card; lists of it are in the order in which that was. */
export type Told = { readonly story: Story; readonly kind: string; readonly text: string };

const flat = (components: readonly Component[]): Component[] =>
  components.flatMap((one) => [one, ...flat(one.components ?? [])]);

/** The buttons by which Jules is told something, and what each is kept as. */
export const TELLING = {
  ask_changes: 'changes',
  answer: 'answer',
  reply: 'steer',
  follow_up: 'follow_up',
} as const;
export type Telling = keyof typeof TELLING;

export const buttonOf = (card: Message | undefined, verb: string) =>
  flat(card?.components ?? []).find(({ custom_id: id }) => id?.startsWith(`v1:${verb}:`))?.custom_id;

/** Opens the dialog of a card's button and sends a text: whether it was kept, or nobody answered. */
export async function tellFrom(
  sandbox: RunningSandbox,
  { card, verb, text }: { card: Message; verb: Telling; text: string },
): Promise<'kept' | 'refused' | 'unanswered'> {
  const button = buttonOf(card, verb);
  if (button === undefined) return 'refused';
  const { modal } = await sandbox.drive('press', { as: 'requester', message: card.id, custom_id: button });
  if (!modal) return 'refused';
  const fields = { answer: text, ...(JSON.stringify(modal).includes('"where"') && { where: 'same' }) };
  const { reply } = await sandbox.drive('modal', { as: 'requester', custom_id: modal.custom_id, fields });
  if (!reply) return 'unanswered';
  return /^📨 Kept/.test(reply.content) ? 'kept' : 'refused';
}

export const heardBy = (state: State, story: Story) =>
  sessionsOf(state, story).flatMap(({ messages }) =>
    messages.filter(({ from }) => from === 'user').map(({ text }) => text),
  );

/** What became of it: how often Jules was told, and how often its writer was told that it was, or that it was not. */
export function fateOf(state: State, { story, text }: Told) {
  const thread = cardOf(state, story)?.id;
  const notes = state.messages.filter(({ channel_id: at, content }) => at === thread && content.includes(text));
  return {
    heard: heardBy(state, story).filter((one) => one.includes(text)).length,
    told: notes.filter(({ content }) => content.startsWith('✅')).length,
    givenBack: notes.filter(({ content }) => content.startsWith('⚠️')).length,
  };
}
