import type { Sql } from 'postgres';
import { idOf, type RunningSandbox } from './sandbox.ts';
import { ask, cardOf, type Story, titleOf } from './story.ts';

/** How somebody deals with a bot that is away every now and then: tries again, and looks first whether it was heard. */

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

async function isRecorded(sql: Sql, { prompt }: Story): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select exists (select from public.tasks where prompt = ${prompt}) as found`;
  return row?.found === true;
}

/** Who hears nothing does not know whether it was recorded, and asking again would be a second task. */
export async function askOnce(sandbox: RunningSandbox, sql: Sql, story: Story): Promise<void> {
  while (!(await isRecorded(sql, story))) {
    const { reply, error } = await ask(sandbox, story);
    if (reply && !/recorded/i.test(reply.content)) throw new Error(reply.content);
    if (error) await pause(300);
  }
}

export async function confirmOnce(sandbox: RunningSandbox, story: Story, withinMs = 60_000): Promise<void> {
  const card = await sandbox.until('its card', (state) => cardOf(state, story), withinMs);
  const press = { as: 'approver', message: card.id, custom_id: idOf(card, /confirm/) };
  for (;;) {
    const answer = await sandbox.drive('press', press);
    if (!answer.error?.includes('did not respond')) return;
    if (!/Requested/.test(titleOf(cardOf(await sandbox.state(), story)))) return;
  }
}
