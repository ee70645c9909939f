import type { Sql } from 'postgres';
import type { Component, Message, RunningSandbox, State } from './sandbox.ts';
import { cardOf, type Story, sessionsOf } from './story.ts';

/** What somebody told Jules from a card, in the order in which Verne said that it was kept. */
export type Told = { readonly story: Story; readonly kind: string; readonly text: string };

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));
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

export const isKept = async (sql: Sql, text: string) =>
  (await sql`select 1 from verne.instructions where text = ${text}`).length > 0;

/**
 * Opens the dialog of a card's button and sends a text. Who hears nothing looks whether it was kept, as the card would
 * tell: false where it was not.
 */
export async function tellOnce(
  { sandbox, sql }: { sandbox: RunningSandbox; sql: Sql },
  { card, verb, text }: { card: Message; verb: Telling; text: string },
): Promise<boolean> {
  const button = buttonOf(card, verb);
  if (button === undefined) return false;
  const { modal } = await sandbox.drive('press', { as: 'requester', message: card.id, custom_id: button });
  if (!modal) return false;
  const fields = { answer: text, ...(JSON.stringify(modal).includes('"where"') && { where: 'same' }) };
  const { reply, error } = await sandbox.drive('modal', { as: 'requester', custom_id: modal.custom_id, fields });
  if (reply) return /^📨 Kept/.test(reply.content);
  if (error) await pause(300);
  return isKept(sql, text);
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
